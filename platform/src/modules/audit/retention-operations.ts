import { operation } from '#kernel/operation'
import { auditRetentionChanged } from './events.ts'
import { AuditRetention } from './model.ts'
import { findRetention, writeRetention } from './retention-store.ts'

export const readAuditRetention = operation({
  name: 'auditRetention.read',
  summary: 'Show how long the audit log is kept',
  http: 'GET /audit-retention',
  output: AuditRetention,
  permission: 'audit:read',
  target: 'control',
  run: (ctx) => findRetention(ctx),
})

export const updateAuditRetention = operation({
  name: 'auditRetention.update',
  summary: 'Change how long the audit log is kept',
  description:
    'In days, at least 90; null: for ever. What is older is removed for good, once a day, as whole seals; a signed note takes its place, so that the rest can still be verified. The newest seal stays. Streams do not wait: what was removed before it was delivered is not delivered.',
  http: 'PUT /audit-retention',
  input: { days: AuditRetention.shape.days },
  output: AuditRetention,
  permission: 'audit:retain',
  target: 'control',
  ifMatch: 'required',
  emits: [auditRetentionChanged],
  stepUp: true,

  async run(ctx, { days }) {
    const before = await findRetention(ctx)
    ctx.expectVersion(before.version)
    const after = await writeRetention(ctx, days)
    ctx.record(auditRetentionChanged, { before, after, resourceId: ctx.tenant.id })
    return after
  },
})
