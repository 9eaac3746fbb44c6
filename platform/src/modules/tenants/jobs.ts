import { type JobKind, job } from '#kernel/operation'
import { noteErased, tenantsToPurge } from './directory-store.ts'
import { tenantErased } from './events.ts'
import { systemCalls, tenantErasure } from './ports.ts'

/** Deletes what a purged tenant has left, a part in each run, and enqueues itself until nothing is left. */
export const eraseTenant: JobKind<object> = job<object>('tenants.erase', {
  target: 'control',
  alsoIn: ['purged'],
  async run(ctx) {
    if (await ctx.port(tenantErasure)(ctx.tenant)) {
      ctx.enqueue(eraseTenant, {})
      return
    }
    const after = await noteErased(ctx)
    if (after) ctx.record(tenantErased, { after })
  },
})

/** Purges what was cancelled and not restored, as staff would. */
export const purgeDue = job('tenants.purgeDue', {
  target: 'control',
  daily: true,
  async run(ctx) {
    for (const tenant of await tenantsToPurge(ctx)) {
      await ctx.port(systemCalls)('staffTenants.purge', { ...tenant, reason: 'The grace period is over.' })
    }
  },
})
