import { AuditStreaming } from '../../platform/src/audit-streaming.ts'
import type { Tenant } from '../../platform/src/kernel/context.ts'
import { Databases, type DatabasesSettings } from '../../platform/src/kernel/database/databases.ts'
import { derivedKey } from '../../platform/src/kernel/database/roles.ts'
import { createLog } from '../../platform/src/kernel/observe/log.ts'
import { Outbound } from '../../platform/src/kernel/outbound/outbound.ts'

/** Streams of one tenant, delivered by a process of its own, for tests that kill it. */
export interface Order {
  readonly settings: DatabasesSettings
  readonly tenant: Tenant
}

const { settings, tenant } = JSON.parse(process.argv[2] ?? '') as Order
const streaming = new AuditStreaming({
  databases: new Databases(settings),
  tenantOf: async () => tenant,
  outbound: new Outbound({ loopback: true }),
  key: derivedKey(settings.secret, 'audit streams'),
  platform: undefined,
  log: createLog({ level: 'error', release: 'test' }),
})
for (;;) await streaming.deliverDue()
