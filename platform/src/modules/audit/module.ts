import { module } from '#kernel/module'
import { trimAuditLogs, trimCell } from './jobs.ts'
import { exportAuditEvents, listAuditEvents } from './operations.ts'
import { readAuditRetention, updateAuditRetention } from './retention-operations.ts'
import {
  createAuditStream,
  deleteAuditStream,
  listAuditStreams,
  pauseAuditStream,
  resumeAuditStream,
  rotateAuditStream,
  testAuditStream,
  updateAuditStream,
} from './stream-operations.ts'

export const audit = module({
  name: 'audit',
  folder: import.meta.dirname,
  needs: ['tenants'],
  tables: {
    audit_streams: {
      kind: 'platform',
      privileges: ['select', 'insert', 'update', 'delete'],
      also: { tenantry_relay: ['select'] },
    },
    audit_retention: { kind: 'platform', privileges: ['select', 'insert', 'update', 'delete'] },
  },
  permissions: { 'audit:read': ['owner', 'admin'], 'audit:stream': ['owner', 'admin'], 'audit:retain': ['owner'] },
  operations: [
    listAuditEvents,
    exportAuditEvents,
    listAuditStreams,
    createAuditStream,
    updateAuditStream,
    rotateAuditStream,
    pauseAuditStream,
    resumeAuditStream,
    testAuditStream,
    deleteAuditStream,
    readAuditRetention,
    updateAuditRetention,
  ],
  jobs: [trimAuditLogs, trimCell],
})
