import { failure } from '#kernel/errors/failure'

export const isPaused = failure('fleet.is_paused', {
  status: 409,
  title: 'Migrations are paused.',
  help: 'Somebody has paused them, and has said why. Nothing is migrated or tried again until they are resumed, in the staff console or by `npx tenantry migrate resume`.',
})
export const notPaused = failure('fleet.not_paused', {
  status: 409,
  title: 'Migrations are not paused.',
  help: 'Somebody has resumed them already. Nothing was changed.',
})
