import { failure } from '#kernel/errors/failure'

export const alreadyStaff = failure('staff.already_appointed', {
  status: 409,
  title: 'This person is staff already.',
  help: 'Nothing was changed. List the staff: `npx tenantry staff list`.',
})
export const noSuchAccount = failure('staff.no_such_account', {
  status: 422,
  title: 'Nobody has signed up with this address and confirmed it.',
  help: 'Staff are people with an account. Have them sign up and confirm their address first.',
})
