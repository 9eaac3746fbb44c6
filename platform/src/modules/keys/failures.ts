import { failure } from '#kernel/errors/failure'

export const scopeNotHeld = failure('key.scope_not_held', {
  status: 403,
  title: 'A key cannot do more than you may.',
  help: 'Whoever makes a key holds it and could use it. Leave out the scopes that your own roles do not permit everywhere, name scopes where the service account may do more than you, or ask somebody who may do all of it.',
})
export const noServiceAccount = failure('key.no_service_account', {
  status: 422,
  title: 'There is no such service account.',
  help: 'The list at `/api/v1/service-accounts` has those of this organisation.',
})
export const accountNameTaken = failure('service_account.name_taken', {
  status: 409,
  title: 'There is a service account with this name already.',
  help: 'Names of service accounts differ within an organisation: the audit log shows them.',
})
