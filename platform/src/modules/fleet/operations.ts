import type { OpenCtx } from '#kernel/context'
import { notFound } from '#kernel/errors/platform-failures'
import { list, operation } from '#kernel/operation'
import { id, searchText, z } from '#kernel/schema'
import { tenantNames, tenantsNamed } from '#modules/tenants'
import { fleetPaused, fleetResumed, targetRetried } from './events.ts'
import { isPaused, notPaused } from './failures.ts'
import { bringTargetUp } from './jobs.ts'
import { FleetReport, Hold, Lagging, Reason, Target } from './model.ts'
import { fleetPort } from './ports.ts'
import * as store from './target-store.ts'

/** What staff see of the fleet and do with it. What is shown is the mirror; the truth is in the targets' own ledgers. */

const ofStaff = { permission: 'staff', target: 'control' } as const

export const readFleet = operation({
  ...ofStaff,
  name: 'fleet.read',
  summary: 'Show how far every schema and database is',
  http: 'GET /staff/fleet',
  output: FleetReport,

  async run(ctx) {
    const wanted = await ctx.port(fleetPort).wanted()
    const levels = await store.countLevels(ctx)
    const states = await store.countStates(ctx, wanted)
    const batches = await store.unfinishedBatches(ctx)
    return { wanted, levels, states, batches, hold: (await store.findHold(ctx)) ?? null }
  },
})

export const listTargets = list({
  ...ofStaff,
  name: 'fleetTargets.list',
  summary: 'List every schema and database with its migrations',
  http: 'GET /staff/fleet/targets',
  item: Target,
  sort: ['name', '-changedAt'],
  filter: {
    search: searchText().optional().describe('Part of the name, or of the name or address of its organisation.'),
    state: Lagging.optional(),
  },
  async run(ctx, page, { search, state }) {
    const wanted = await ctx.port(fleetPort).wanted()
    const text = search?.trim() || undefined
    const tenants = text === undefined ? [] : await tenantsNamed(ctx.db, text)
    return shown(ctx, await store.listTargets(ctx, page, { wanted, state, search: text, tenants }))
  },
})

export const retryTarget = operation({
  ...ofStaff,
  name: 'fleetTargets.retry',
  summary: 'Try the migrations of one target again',
  description:
    'The answer does not wait for the end: read the target again. One that is at this release stays as it is.',
  http: 'POST /staff/fleet/targets/{id}/retry',
  status: 202,
  input: { id: id(), reason: Reason },
  output: Target,
  errors: [notFound, isPaused],
  emits: [targetRetried],

  async run(ctx, { id: target, reason }) {
    if (await store.findHold(ctx)) ctx.fail(isPaused)
    const wanted = await ctx.port(fleetPort).wanted()
    const record = (await store.findTarget(ctx, target, wanted)) ?? ctx.fail(notFound)
    const [after] = (await shown(ctx, [record])) as [z.infer<typeof Target>]
    ctx.enqueue(bringTargetUp, { id: after.id })
    ctx.record(targetRetried, { after: { ...after, reason } })
    return after
  },
})

export const retryFleet = operation({
  ...ofStaff,
  name: 'fleet.retry',
  summary: 'Try the migrations of every target that failed again',
  description: 'At most 1,000 of them. The answer does not wait for the end.',
  http: 'POST /staff/fleet/retry',
  status: 202,
  input: { reason: Reason },
  output: z.object({ targets: z.number().int().min(0).describe('How many are tried.') }),
  errors: [isPaused],
  emits: [targetRetried],

  async run(ctx, { reason }) {
    if (await store.findHold(ctx)) ctx.fail(isPaused)
    const failed = await store.failedTargets(ctx)
    for (const after of failed) {
      ctx.enqueue(bringTargetUp, { id: after.id })
      ctx.record(targetRetried, { after: { ...after, reason } })
    }
    return { targets: failed.length }
  },
})

export const pauseFleet = operation({
  ...ofStaff,
  name: 'fleet.pause',
  summary: 'Pause migrations',
  description: 'What is under way comes to its end, and no other target is begun. Tenants stay where they are.',
  http: 'POST /staff/fleet/pause',
  status: 200,
  input: { reason: Reason },
  output: Hold,
  errors: [isPaused],
  emits: [fleetPaused],

  async run(ctx, { reason }) {
    const after = (await store.insertHold(ctx, reason)) ?? ctx.fail(isPaused)
    ctx.record(fleetPaused, { after })
    return after
  },
})

export const resumeFleet = operation({
  ...ofStaff,
  name: 'fleet.resume',
  summary: 'Let migrations go on',
  description: 'Nothing is begun by that: the next run of migrations does what is missing.',
  http: 'POST /staff/fleet/resume',
  input: { reason: Reason },
  errors: [notPaused],
  emits: [fleetResumed],

  async run(ctx, { reason }) {
    const before = (await store.deleteHold(ctx)) ?? ctx.fail(notPaused)
    ctx.record(fleetResumed, { before, after: { reason }, resourceId: before.id })
  },
})

/** With whom each belongs to. */
async function shown(ctx: OpenCtx, records: readonly store.TargetRecord[]): Promise<z.infer<typeof Target>[]> {
  const names = await tenantNames(
    ctx.db,
    records.flatMap(({ tenantId }) => tenantId ?? []),
  )
  return records.map(({ tenantId, ...record }) => ({
    ...record,
    tenant: tenantId === null ? null : (names.get(tenantId) ?? { id: tenantId, name: '', slug: null }),
  }))
}
