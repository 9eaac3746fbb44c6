import { module } from '#kernel/module'
import { deleteExpiredAnalytics, measureCell, measureTenants } from './jobs.ts'
import { keepAnalytics } from './listeners.ts'
import {
  listTenantAnalytics,
  measureAnalytics,
  measureTenant,
  readAnalytics,
  readTenantAnalytics,
} from './operations.ts'

/** What tenants do and take, wherever they live. */
export const analytics = module({
  name: 'analytics',
  folder: import.meta.dirname,
  needs: ['tenants'],
  tables: {
    tenant_days: { kind: 'platform', privileges: ['select', 'insert', 'update', 'delete'] },
    operation_days: { kind: 'platform', privileges: ['select', 'insert', 'update', 'delete'] },
  },
  operations: [readAnalytics, listTenantAnalytics, readTenantAnalytics, measureTenant, measureAnalytics],
  jobs: [measureTenants, measureCell, deleteExpiredAnalytics],
  listeners: [keepAnalytics],
})
