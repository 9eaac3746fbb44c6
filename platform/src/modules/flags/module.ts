import { module } from '#kernel/module'
import { listFlags } from './operations.ts'
import {
  listForStaff,
  listOfTenant,
  previewFlag,
  readForStaff,
  updateFlag,
  updateForTenant,
} from './staff-operations.ts'

/** For whom the flags are on that modules declare. */
export const flags = module({
  name: 'flags',
  folder: import.meta.dirname,
  needs: ['access', 'tenants'],
  tables: {
    flags: { kind: 'platform', privileges: ['select', 'insert', 'update'] },
    flag_tenants: { kind: 'platform', privileges: ['select', 'insert', 'update', 'delete'] },
  },
  permissions: { 'flag:read': ['owner', 'admin', 'member', 'viewer', 'guest'] },
  operations: [listFlags, listForStaff, readForStaff, previewFlag, updateFlag, listOfTenant, updateForTenant],
})
