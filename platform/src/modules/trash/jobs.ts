import type { OpenCtx } from '#kernel/context'
import { type JobKind, job } from '#kernel/operation'
import { goRound, type RoundPart, roundParts } from '#modules/tenants'
import { trashKeeper } from './ports.ts'

/** In a tenant that is closed or read-only nothing changes, so nothing is lost there either. */
const active = { states: ['active'] } as const
/** One tenant with much to delete lets others have their turn. */
const visitMs = 1_000

/** Begins to delete for good what has been in the trash for its time. */
export const purgeTrash = job<object>('trash.purgeDue', {
  target: 'control',
  daily: true,
  async run(ctx) {
    for (const part of await roundParts(ctx, active)) ctx.enqueue(purgeCell, part)
  },
})

export const purgeCell: JobKind<RoundPart> = job<RoundPart>('trash.purgeCell', {
  target: 'control',
  async run(ctx, part) {
    const left = await goRound(ctx, part, { ...active, done: 'freed of its trash', visit: (id) => purgeIn(ctx, id) })
    if (left) ctx.enqueue(purgeCell, left)
  },
})

/**
 * Each record in a transaction of its own, so that a crash leaves records that are whole or gone. One that cannot be
 * deleted keeps no other from it, and is tried again the next day.
 */
async function purgeIn(ctx: OpenCtx, tenant: string): Promise<'again' | 'done'> {
  const keeper = ctx.port(trashKeeper)
  const endMs = performance.now() + visitMs
  let purged = 0
  for await (const record of keeper.due(tenant, ctx.now)) {
    if (purged > 0 && performance.now() > endMs) return 'again'
    try {
      if (await keeper.purge(tenant, record)) purged++
    } catch (error) {
      const { id, resource } = record
      ctx.log.error({ alert: true, error, tenant_id: tenant, resource, id }, 'a record could not be deleted for good')
    }
  }
  return 'done'
}
