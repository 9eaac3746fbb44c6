import { module } from '#kernel/module'
import { tellDeciders } from './listeners.ts'
import { approveSupport, endSupport, listSupport, readSupportPolicy, updateSupportPolicy } from './operations.ts'
import {
  askForSupport,
  endSupportByStaff,
  listSupportForStaff,
  raiseSupport,
  readSupportForStaff,
} from './staff-operations.ts'

/** Staff reach a tenant only by a session with a reason and an end, which the tenant sees, agrees to and can end. */
export const support = module({
  name: 'support',
  folder: import.meta.dirname,
  needs: ['access', 'mail', 'tenants'],
  tables: {
    support_sessions: { kind: 'platform', privileges: ['select', 'insert', 'update'] },
    support_policies: { kind: 'platform', privileges: ['select', 'insert', 'update'] },
  },
  permissions: {
    'support:read': ['owner', 'admin'],
    'support:update': ['owner', 'admin'],
  },
  operations: [
    askForSupport,
    listSupportForStaff,
    readSupportForStaff,
    raiseSupport,
    endSupportByStaff,
    listSupport,
    approveSupport,
    endSupport,
    readSupportPolicy,
    updateSupportPolicy,
  ],
  listeners: [tellDeciders],
})
