import { module } from '#kernel/module'
import { exportReview, listReview } from './operations.ts'

/** Who may do what in a tenant: what access, tenants and keys know of it, in one list. */
export const review = module({
  name: 'review',
  needs: ['access', 'audit'],
  permissions: { 'accessReview:read': ['owner', 'admin'] },
  operations: [listReview, exportReview],
})
