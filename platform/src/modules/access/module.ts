import { module } from '#kernel/module'
import { listRoles } from './operations.ts'

export const access = module({
  name: 'access',
  folder: import.meta.dirname,
  tables: {
    roles: { kind: 'tenant', privileges: ['select', 'insert'], also: { tenantry_owner: [] } },
    role_permissions: { kind: 'tenant', privileges: ['select', 'insert'], also: { tenantry_owner: [] } },
    role_assignments: { kind: 'tenant', privileges: ['select', 'insert', 'delete'] },
  },
  permissions: { 'role:read': ['owner', 'admin', 'member', 'viewer'] },
  operations: [listRoles],
})
