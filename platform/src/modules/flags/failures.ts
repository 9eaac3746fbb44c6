import { failure } from '#kernel/errors/failure'

export const tooManyTenants = failure('flag.too_many_tenants', {
  status: 409,
  title: 'This flag names as many organisations as it can.',
  help: 'A flag names at most 1,000 organisations. Use its percentage, plans or roles, or take some names away.',
})
