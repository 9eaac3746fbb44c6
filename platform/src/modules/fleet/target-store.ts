import type { OpenCtx } from '#kernel/context'
import { filterSql, pageSql } from '#kernel/database/page'
import { type Sql, sql } from '#kernel/database/statement'
import type { Page } from '#kernel/operation'
import type { Hold, Lagging, TargetState, Wanted } from './model.ts'

/** The mirror, as people look at it. */

export interface TargetRecord {
  id: string
  name: string
  kind: 'control' | 'tenant'
  tenantId: string | null
  state: TargetState
  level: number | null
  wanted: number
  error: string | null
  attempts: number
  changedAt: string
}

/** A release that has just been started knows of migrations that no run has asked for yet: whoever lacks them is behind. */
function targetsSql(wanted: Wanted): Sql {
  return sql`(
    select id, name, kind, tenant_id, level, error, attempts, changed_at, greatest(wanted, released) as wanted,
      case when state = 'current' and level < released then 'behind' else state end as state
    from fleet_targets,
      lateral (select case kind when 'control' then ${wanted.control}::int else ${wanted.tenant}::int end) r (released)
  ) t`
}

/** `search` is found in the name of the target; `tenants` are those whose own name has it. */
export async function listTargets(
  ctx: OpenCtx,
  page: Page,
  filter: { wanted: Wanted; state: Lagging | undefined; search: string | undefined; tenants: readonly string[] },
): Promise<TargetRecord[]> {
  const { wanted, state, search, tenants } = filter
  const conditions = filterSql([
    state === 'lagging' && sql`state <> 'current'`,
    state !== undefined && state !== 'lagging' && sql`state = ${state}`,
    search !== undefined &&
      sql`(position(lower(${search}::text) in lower(name)) > 0 or tenant_id = any(${tenants}::uuid[]))`,
  ])
  return ctx.db.all(
    sql`select * from ${targetsSql(wanted)} where true ${conditions} ${pageSql(page, { name: 'name', changedAt: 'changed_at' })}`,
  )
}

export async function findTarget(ctx: OpenCtx, id: string, wanted: Wanted): Promise<TargetRecord | undefined> {
  return ctx.db.first(sql`select * from ${targetsSql(wanted)} where id = ${id}`)
}

const retriedMax = 1_000

/** Those that failed longest ago first, at most 1,000. */
export async function failedTargets(ctx: OpenCtx): Promise<Pick<TargetRecord, 'id' | 'name' | 'error' | 'attempts'>[]> {
  return ctx.db.all(sql`select id, name, error, attempts from fleet_targets where state = 'failed'
    order by changed_at, id limit ${retriedMax}`)
}

/** How many targets of each kind have how many migrations, the lowest first. */
export async function countLevels(
  ctx: OpenCtx,
): Promise<{ kind: 'control' | 'tenant'; level: number | null; targets: number }[]> {
  return ctx.db.all(sql`select kind, level, count(*)::int as targets from fleet_targets group by kind, level
    order by kind, level nulls first limit 1000`)
}

export async function countStates(ctx: OpenCtx, wanted: Wanted): Promise<Record<TargetState, number>> {
  const rows = await ctx.db.all<{ state: TargetState; targets: number }>(
    sql`select state, count(*)::int as targets from ${targetsSql(wanted)} group by state`,
  )
  const none = { current: 0, behind: 0, running: 0, failed: 0 }
  return { ...none, ...Object.fromEntries(rows.map(({ state, targets }) => [state, targets])) }
}

/** Batched migrations that have begun and are not finished for everybody. */
export async function unfinishedBatches(
  ctx: OpenCtx,
): Promise<{ name: string; startedAt: string; tenantsDone: number; tenantsFailed: number; rowsChanged: number }[]> {
  return ctx.db.all(sql`select module || ' ' || lpad(number::text, 4, '0') || '_' || name as name, started_at, tenants_done,
      rows_changed, (select count(*)::int from fleet_batch_tenants t
        where t.module = b.module and t.number = b.number and error is not null) as tenants_failed
    from fleet_batches b where finished_at is null order by module, number limit 100`)
}

const holdColumns = sql`id, reason, since, held_by`

export async function findHold(ctx: OpenCtx): Promise<Hold | undefined> {
  return ctx.db.first(sql`select ${holdColumns} from fleet_hold`)
}

/** Undefined when somebody holds the fleet already. */
export async function insertHold(ctx: OpenCtx, reason: string): Promise<Hold | undefined> {
  return ctx.db.first(sql`insert into fleet_hold (id, reason, since, held_by)
    values (${ctx.newId()}, ${reason}, ${ctx.now}, ${ctx.actor.kind === 'person' ? ctx.actor.name : null})
    on conflict do nothing returning ${holdColumns}`)
}

/** Undefined when nobody does. */
export async function deleteHold(ctx: OpenCtx): Promise<Hold | undefined> {
  return ctx.db.first(sql`delete from fleet_hold returning ${holdColumns}`)
}
