import type { OpenCtx } from '#kernel/context'
import { type JobKind, job } from '#kernel/operation'
import { systemCalls } from '#modules/tenants'
import { cellsToMeasure, deleteExpired, tenantsToMeasure } from './store.ts'

/** Begins to measure every open tenant: in each cell one after the other, so that none is hit by all at once. */
export const measureTenants = job<object>('analytics.measureTenants', {
  target: 'control',
  daily: true,
  async run(ctx) {
    for (const cell of await cellsToMeasure(ctx)) ctx.enqueue(measureCell, { cell })
  },
})

/** Mails wait in the same outbox, so one message measures for a second at most, and enqueues what is left behind them. */
const partMs = 1_000
const tenantsMax = 100
/** Whoever fails by itself must not be taken for its cell. */
const triedMin = 3

interface Part {
  readonly cell: string
  /** The last tenant that was measured before; absent at the beginning. */
  readonly after?: string
}

/**
 * Measures tenants of one cell. A tenant that fails waits until tomorrow. Where all fail, the cell is taken to be down:
 * the relay tries the same part again, later and later, and the parts of other cells go on beside it.
 */
export const measureCell: JobKind<Part> = job<Part>('analytics.measureCell', {
  target: 'control',
  async run(ctx, { cell, after }) {
    const tenants = await tenantsToMeasure(ctx, { cell, after }, tenantsMax)
    const { tried, failures } = await measureSome(ctx, tenants)
    if (tried > 0 && failures.length === tried)
      throw new AggregateError(failures, `no tenant of cell ${cell} could be measured: ${String(failures[0])}`)
    const last = tenants[tried - 1]
    if (last !== undefined && (tried < tenants.length || tried === tenantsMax))
      ctx.enqueue(measureCell, { cell, after: last })
  },
})

async function measureSome(ctx: OpenCtx, tenants: readonly string[]): Promise<{ tried: number; failures: unknown[] }> {
  const endMs = performance.now() + partMs
  const failures: unknown[] = []
  let tried = 0
  for (const id of tenants) {
    if (tried >= triedMin && performance.now() > endMs) break
    tried++
    try {
      await ctx.port(systemCalls)('tenantAnalytics.measure', { id })
    } catch (error) {
      failures.push(error)
      ctx.log.warn({ error, tenant_id: id }, 'a tenant could not be measured')
    }
  }
  return { tried, failures }
}

export const deleteExpiredAnalytics = job('analytics.deleteExpired', {
  target: 'control',
  daily: true,
  run: deleteExpired,
})
