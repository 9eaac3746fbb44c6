import type { Ctx, OpenCtx } from '#kernel/context'
import type { OperationTime } from '#kernel/database/database-time'
import { filterSql, pageSql } from '#kernel/database/page'
import type { Session } from '#kernel/database/session'
import { type Sql, sql } from '#kernel/database/statement'
import type { Page } from '#kernel/operation'
import type { z } from '#kernel/schema'
import { directoryFacts, isNamedSql } from '#modules/tenants'
import {
  type AnalyticsReport,
  keptDays,
  type Measurement,
  operationKeptDays,
  shownDays,
  type TenantDays,
  type TenantNumbers,
} from './model.ts'

/** Days from the first to the last, both of them in. */
interface Span {
  /** `2026-11-21` */
  readonly from: string
  readonly until: string
}

const dayMs = 86_400_000

/** The last so many days in UTC, the one of `now` (ISO 8601) included. */
export function lastDays(now: string, days: number): Span {
  const from = new Date(Date.parse(now) - (days - 1) * dayMs)
  return { from: from.toISOString().slice(0, 10), until: now.slice(0, 10) }
}

/** Absolute values: a second time, or one that comes later than a newer one, changes nothing. What is stored belongs to the day of the look. */
export async function keepMeasurement(
  ctx: Ctx,
  { measuredAt, storedRows, storedBytes, days }: Measurement,
): Promise<void> {
  const today = measuredAt.slice(0, 10)
  await ctx.db.change(sql`insert into tenant_days as kept
      (tenant_id, day, events, people, stored_rows, stored_bytes, measured_at)
    select ${ctx.tenant.id}, d.day, d.events, d.people,
      case when d.day = ${today}::date then ${storedRows}::bigint end,
      case when d.day = ${today}::date then ${storedBytes}::bigint end, ${measuredAt}
    from unnest(${days.map(({ day }) => day)}::date[], ${days.map(({ events }) => events)}::bigint[],
      ${days.map(({ people }) => people)}::bigint[]) d (day, events, people) order by d.day
    on conflict (tenant_id, day) do update set events = excluded.events, people = excluded.people,
      stored_rows = coalesce(excluded.stored_rows, kept.stored_rows),
      stored_bytes = coalesce(excluded.stored_bytes, kept.stored_bytes), measured_at = excluded.measured_at
    where kept.measured_at is null or kept.measured_at <= excluded.measured_at`)
}

/**
 * Adds up what one process has counted, in one statement. Rows are locked in the order of the key, so that processes which
 * do this at the same moment wait for each other and for nothing else.
 */
export async function addDatabaseTime(control: Session, day: string, times: readonly OperationTime[]): Promise<void> {
  await control.change(sql`with counted as (
      select tenant_id, operation, operations, database_ms::numeric(15, 3)
      from unnest(${times.map(({ tenantId }) => tenantId)}::uuid[], ${times.map(({ operation }) => operation)}::text[],
        ${times.map(({ calls }) => calls)}::bigint[], ${times.map(({ databaseMs }) => databaseMs)}::float8[])
        t (tenant_id, operation, operations, database_ms)
    ), by_operation as (
      insert into operation_days as kept (tenant_id, day, operation, operations, database_ms)
      select tenant_id, ${day}, operation, operations, database_ms from counted order by tenant_id, operation
      on conflict (tenant_id, day, operation) do update set operations = kept.operations + excluded.operations,
        database_ms = kept.database_ms + excluded.database_ms
    )
    insert into tenant_days as kept (tenant_id, day, operations, database_ms)
    select tenant_id, ${day}, sum(operations), sum(database_ms) from counted group by tenant_id order by tenant_id
    on conflict (tenant_id, day) do update set operations = kept.operations + excluded.operations,
      database_ms = kept.database_ms + excluded.database_ms`)
}

export async function deleteExpired(ctx: OpenCtx): Promise<void> {
  const { from } = lastDays(ctx.now, keptDays)
  const { from: ofOperations } = lastDays(ctx.now, operationKeptDays)
  await ctx.db.change(sql`delete from tenant_days where day < ${from}`)
  await ctx.db.change(sql`delete from operation_days where day < ${ofOperations}`)
}

const sumsSql = sql`coalesce(sum(events), 0)::bigint as events, coalesce(sum(operations), 0)::bigint as operations,
  coalesce(sum(database_ms), 0)::float8 as database_ms`

type Totals = Omit<z.infer<typeof AnalyticsReport>, 'plans' | 'models' | 'regions' | 'cells' | 'states' | 'tenants'>

/** Sums over all tenants. What one did that has been purged since stays in the sums of its days; what it stored does not. */
export async function readTotals(ctx: OpenCtx, { from, until }: Span): Promise<Totals> {
  const sums = await ctx.db.first<Omit<Totals, 'people' | 'storedRows' | 'storedBytes'>>(
    sql`select ${sumsSql}, count(distinct tenant_id) filter (where events > 0) as active_tenants,
      max(measured_at) as measured_at from tenant_days where day between ${from} and ${until}`,
  )
  const busiest = await ctx.db.first<
    Pick<Totals, 'people'>
  >(sql`select coalesce(max(people), 0)::bigint as people from (
      select sum(people) as people from tenant_days where day between ${from} and ${until} group by day) each_day`)
  const stored = await ctx.db.first<Pick<Totals, 'storedRows' | 'storedBytes'>>(
    sql`select coalesce(sum(stored_rows), 0)::bigint as stored_rows, coalesce(sum(stored_bytes), 0)::bigint as stored_bytes
      from ${directoryFacts} t cross join lateral ${storedSql} s where state <> 'purged'`,
  )
  return { ...sums, ...busiest, ...stored } as Totals
}

/** What a tenant `t` stored when it was last measured. */
const storedSql = sql`(select stored_rows, stored_bytes, measured_at from tenant_days
  where tenant_id = t.id and stored_bytes is not null order by day desc limit 1)`

export interface Census {
  readonly plan: string
  readonly model: string
  readonly region: string
  readonly cell: string
  readonly state: string
  readonly tenants: number
}

/** How many tenants there are of each kind; a line for each combination of plan, model, cell and state that there is. */
export async function countTenants(ctx: OpenCtx): Promise<Census[]> {
  return ctx.db.all(sql`select plan, model, region, cell, state, count(*) as tenants from ${directoryFacts} t
    group by plan, model, region, cell, state`)
}

export interface TenantFilter {
  readonly search?: string | undefined
  readonly plan?: string | undefined
  readonly model?: string | undefined
  readonly region?: string | undefined
}

/** The tenants that are there, with their numbers of some days. */
export async function listNumbers(
  ctx: OpenCtx,
  page: Page,
  { span, filter }: { span: Span; filter: TenantFilter },
): Promise<z.infer<typeof TenantNumbers>[]> {
  const { search, plan, model, region } = filter
  const text = search?.trim() || undefined
  const conditions = filterSql([
    text !== undefined && isNamedSql(text),
    plan !== undefined && sql`plan = ${plan}`,
    model !== undefined && sql`model = ${model}`,
    region !== undefined && sql`region = ${region}`,
  ])
  const columns = { name: 'name', events: 'events', storedBytes: 'stored_bytes', databaseMs: 'database_ms' }
  return ctx.db.all(
    sql`select * from ${numbersSql(span)} n where state <> 'purged' ${conditions} ${pageSql(page, columns)}`,
  )
}

function numbersSql({ from, until }: Span): Sql {
  return sql`(select t.*, coalesce(d.events, 0) as events, coalesce(d.people, 0) as people,
      coalesce(d.operations, 0) as operations, coalesce(d.database_ms, 0) as database_ms,
      coalesce(s.stored_rows, 0) as stored_rows, coalesce(s.stored_bytes, 0) as stored_bytes, s.measured_at
    from ${directoryFacts} t
    left join (select tenant_id, ${sumsSql}, max(people) as people from tenant_days
      where day between ${from} and ${until} group by tenant_id) d on d.tenant_id = t.id
    left join lateral ${storedSql} s on true)`
}

/** One tenant's numbers, day by day; undefined when the directory does not know it. */
export async function readDays(ctx: OpenCtx, id: string): Promise<z.infer<typeof TenantDays> | undefined> {
  if (!(await ctx.db.first(sql`select id from ${directoryFacts} t where id = ${id}`))) return undefined
  const { from, until } = lastDays(ctx.now, shownDays)
  const days = await ctx.db.all<z.infer<typeof TenantDays>['days'][number]>(
    sql`select s::date as day, coalesce(d.events, 0) as events, coalesce(d.people, 0) as people, d.stored_rows, d.stored_bytes,
        coalesce(d.operations, 0) as operations, coalesce(d.database_ms, 0)::float8 as database_ms
      from generate_series(${from}::date, ${until}::date, interval '1 day') s
      left join tenant_days d on d.tenant_id = ${id} and d.day = s::date order by s`,
  )
  const operations = await ctx.db.all<z.infer<typeof TenantDays>['operations'][number]>(
    sql`select operation, sum(operations)::bigint as operations, sum(database_ms)::float8 as database_ms from operation_days
      where tenant_id = ${id} and day between ${from} and ${until} group by operation
      order by sum(database_ms) desc, operation limit 10`,
  )
  const look = await ctx.db.first<Pick<z.infer<typeof TenantDays>, 'measuredAt'>>(
    sql`select max(measured_at) as measured_at from tenant_days where tenant_id = ${id}`,
  )
  return { days, operations, measuredAt: look?.measuredAt ?? null }
}
