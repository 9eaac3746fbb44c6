import { failure } from '#kernel/errors/failure'

export const notOpen = failure('analytics.tenant_not_open', {
  status: 409,
  title: 'Only an organisation that is active or read-only is measured.',
  help: 'Nobody works in an organisation that is being set up, suspended, cancelled or purged, and its background work waits. Its numbers stay as they were when it was last measured.',
})
