import type { OpenCtx } from '#kernel/context'
import { type JobKind, job } from '#kernel/operation'
import { goRound, type RoundPart, roundParts } from '#modules/tenants'
import { auditTrimming } from './ports.ts'
import { retentionOf } from './retention-store.ts'

/** Also of who is closed: that its log goes on time was promised to others, too. */
const served = { states: ['active', 'read_only', 'suspended', 'cancelled'] } as const
const dayMs = 86_400_000

/** Begins to remove what audit logs have kept for their time. */
export const trimAuditLogs = job<object>('audit.trimDue', {
  target: 'control',
  daily: true,
  async run(ctx) {
    for (const part of await roundParts(ctx, served)) ctx.enqueue(trimCell, part)
  },
})

export const trimCell: JobKind<RoundPart> = job<RoundPart>('audit.trimCell', {
  target: 'control',
  async run(ctx, part) {
    const left = await goRound(ctx, part, {
      ...served,
      done: 'freed of old audit events',
      visit: (id) => trimIn(ctx, id),
    })
    if (left) ctx.enqueue(trimCell, left)
  },
})

async function trimIn(ctx: OpenCtx, tenantId: string): Promise<'again' | 'done'> {
  const days = await retentionOf(ctx, tenantId)
  if (days === undefined) return 'done'
  const before = new Date(Date.parse(ctx.now) - days * dayMs).toISOString()
  return (await ctx.port(auditTrimming)(tenantId, { before, now: ctx.now })) ? 'again' : 'done'
}
