import { module } from '#kernel/module'
import { exportAuditEvents, listAuditEvents } from './operations.ts'

export const audit = module({
  name: 'audit',
  permissions: { 'audit:read': ['owner', 'admin'] },
  operations: [listAuditEvents, exportAuditEvents],
})
