import { module } from '#kernel/module'
import { listActionsOfTenant, listStaffActions } from './audit-operations.ts'
import { listSettings } from './configuration-operations.ts'
import { appointStaff, dismissStaff, listStaff, readStaff } from './operations.ts'
import { endUserSessions, listUsers, readUser } from './user-operations.ts'

export const staff = module({
  name: 'staff',
  folder: import.meta.dirname,
  needs: ['identity', 'tenants'],
  tables: { staff: { kind: 'identity', privileges: ['select', 'insert', 'delete'] } },
  operations: [
    readStaff,
    listStaff,
    appointStaff,
    dismissStaff,
    listUsers,
    readUser,
    endUserSessions,
    listSettings,
    listStaffActions,
    listActionsOfTenant,
  ],
})
