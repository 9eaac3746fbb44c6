import { module } from '#kernel/module'
import { listRoles } from './operations.ts'

export const access = module({
  name: 'access',
  folder: import.meta.dirname,
  tables: {
    roles: { kind: 'tenant', privileges: ['select', 'insert'], also: { tenantry_owner: [] } },
    role_permissions: { kind: 'tenant', privileges: ['select', 'insert'], also: { tenantry_owner: [] } },
    // Update is for locking: nothing changes an assignment, it is withdrawn and given anew.
    role_assignments: { kind: 'tenant', privileges: ['select', 'insert', 'update', 'delete'] },
  },
  permissions: { 'role:read': ['owner', 'admin', 'member', 'viewer'] },
  operations: [listRoles],
})
