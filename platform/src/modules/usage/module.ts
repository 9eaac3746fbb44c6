import { module } from '#kernel/module'
import { readUsage, readUsageForStaff } from './operations.ts'

/** What tenants have used of their limits, and where processes count requests together. */
export const usage = module({
  name: 'usage',
  folder: import.meta.dirname,
  tables: {
    rate_windows: { kind: 'platform', privileges: ['select', 'insert', 'update', 'delete'] },
  },
  functions: { 'control.take_permits(text[], integer[], integer[], integer)': ['tenantry_control'] },
  permissions: { 'usage:read': ['owner', 'admin', 'member', 'viewer'] },
  operations: [readUsage, readUsageForStaff],
})
