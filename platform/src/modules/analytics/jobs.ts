import { type JobKind, job } from '#kernel/operation'
import { goRound, type RoundPart, roundParts, systemCalls } from '#modules/tenants'
import { deleteExpired } from './store.ts'

/** Tenants in which work goes on: what a closed one has in its outbox waits until it is open again. */
const open = { states: ['active', 'read_only'] } as const

/** Begins to measure every open tenant. */
export const measureTenants = job<object>('analytics.measureTenants', {
  target: 'control',
  daily: true,
  async run(ctx) {
    for (const part of await roundParts(ctx, open)) ctx.enqueue(measureCell, part)
  },
})

export const measureCell: JobKind<RoundPart> = job<RoundPart>('analytics.measureCell', {
  target: 'control',
  async run(ctx, part) {
    const visit = (id: string) => ctx.port(systemCalls)('tenantAnalytics.measure', { id })
    const left = await goRound(ctx, part, { ...open, done: 'measured', visit })
    if (left) ctx.enqueue(measureCell, left)
  },
})

export const deleteExpiredAnalytics = job('analytics.deleteExpired', {
  target: 'control',
  daily: true,
  run: deleteExpired,
})
