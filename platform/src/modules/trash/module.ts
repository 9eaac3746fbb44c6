import { module } from '#kernel/module'
import { purgeCell, purgeTrash } from './jobs.ts'
import { listTrash } from './operations.ts'

/** Where deleted records of every module wait to be restored, or for their day. */
export const trash = module({
  name: 'trash',
  needs: ['access', 'tenants'],
  // The list holds only what somebody may restore, so that everybody may look.
  permissions: { 'trash:read': ['owner', 'admin', 'member', 'viewer', 'guest'] },
  operations: [listTrash],
  jobs: [purgeTrash, purgeCell],
})
