import { module } from '#kernel/module'
import { exportAuditEvents, listAuditEvents } from './operations.ts'
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
  tables: {
    audit_streams: {
      kind: 'platform',
      privileges: ['select', 'insert', 'update', 'delete'],
      also: { tenantry_relay: ['select'] },
    },
  },
  permissions: { 'audit:read': ['owner', 'admin'], 'audit:stream': ['owner', 'admin'] },
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
  ],
})
