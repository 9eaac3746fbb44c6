import { failure } from '#kernel/errors/failure'

export const tooManyStreams = failure('audit.too_many_streams', {
  status: 409,
  title: 'There are as many streams as an organisation may have.',
  help: 'An organisation has five at most. Delete one that is not needed, or let what receives one pass the entries on.',
})
