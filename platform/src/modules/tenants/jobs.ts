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

/** Purges what was cancelled and not restored, as staff would. Who cannot be purged is tried again with the next attempt. */
export const purgeDue = job('tenants.purgeDue', {
  target: 'control',
  daily: true,
  async run(ctx) {
    const failures: unknown[] = []
    for (const tenant of await tenantsToPurge(ctx)) {
      const asked = { ...tenant, reason: 'The grace period is over.' }
      await ctx
        .port(systemCalls)('staffTenants.purge', asked)
        .catch((error: unknown) => {
          failures.push(error)
          ctx.log.error({ alert: true, error, tenant_id: tenant.id }, 'a tenant could not be purged')
        })
    }
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} tenants could not be purged: ${String(failures[0])}`)
  },
})
