import { failure } from '#kernel/errors/failure'

export const supportRefused = failure('support.refused', {
  status: 403,
  title: 'This organisation lets no support in.',
  help: 'Its owner or an administrator decides that under support access. Ask them to change it, or help them without seeing their data.',
})
export const memberUnknown = failure('support.member_unknown', {
  status: 422,
  title: 'Nobody with this address is a member of the organisation.',
  help: 'Name the member who asked for help, by the confirmed address of their account: you will see what they see.',
})
export const alreadyDecided = failure('support.nothing_waits', {
  status: 409,
  title: 'Nothing of this session waits for an answer.',
  help: 'It was answered, has ended, or never needed to be asked. Load the list again.',
})
export const notOpen = failure('support.not_open', {
  status: 409,
  title: 'This support session is not open.',
  help: 'Only a session that is open, and in which nothing may be changed yet, can be raised.',
})
