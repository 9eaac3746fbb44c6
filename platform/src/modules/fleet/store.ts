import type { Database } from '#kernel/database/database'
import type { TargetReport } from '#kernel/database/fleet-survey'
import { sql, statementOf } from '#kernel/database/statement'

/** A row of the mirror. */
export interface FleetTarget {
  readonly name: string
  readonly state: TargetReport['state']
  readonly level: number | null
  readonly wanted: number
  readonly error: string | null
  /** Failed in a row. */
  readonly attempts: number
  /** ISO 8601 */
  readonly changedAt: string
}

const errorLengthMax = 2_000

/** Whether the control database has the mirror's tables yet: it is itself migrated. */
export async function mirrorExists(control: Database): Promise<boolean> {
  const rows = await query<{ there: boolean }>(control, sql`select to_regclass('fleet_targets') is not null as there`)
  return rows[0]?.there === true
}

/**
 * One statement for any number of reports, of which there is one for each target. What failed is not merely behind: it
 * stays failed, with its error, until it is tried again.
 */
export async function writeReports(control: Database, reports: readonly TargetReport[]): Promise<void> {
  const column = <Value>(value: (report: TargetReport) => Value) => reports.map(value)
  await query(
    control,
    sql`insert into fleet_targets as t (name, kind, tenant_id, state, level, wanted, error, attempts, changed_at, seen_at)
    select name, kind, tenant_id, state, level, wanted, error, (state = 'failed')::int, now(), now()
    from unnest(
      ${column(({ target }) => target.name)}::text[],
      ${column(({ target }) => target.kind)}::text[],
      ${column(({ target }) => target.tenantId ?? null)}::uuid[],
      ${column(({ state }) => state)}::text[],
      ${column(({ level }) => level ?? null)}::int[],
      ${column(({ wanted }) => wanted)}::int[],
      ${column(({ error }) => error?.slice(0, errorLengthMax) ?? null)}::text[]
    ) as r (name, kind, tenant_id, state, level, wanted, error)
    on conflict (name) do update set
      state = case when (t.state, excluded.state) = ('failed', 'behind') then t.state else excluded.state end,
      level = coalesce(excluded.level, t.level), wanted = excluded.wanted,
      error = case when (t.state, excluded.state) = ('failed', 'behind') then t.error else excluded.error end,
      attempts = case excluded.state when 'current' then 0 else t.attempts + excluded.attempts end,
      changed_at = case when (t.state, excluded.state) <> ('failed', 'behind')
        and (excluded.state, coalesce(excluded.level, t.level)) is distinct from (t.state, t.level)
        then excluded.changed_at else t.changed_at end,
      seen_at = excluded.seen_at`,
  )
}

/** Forgets the targets that no run has seen since. Returns how many. */
export async function forgetUnseen(control: Database, since: string): Promise<number> {
  const rows = await query(control, sql`delete from fleet_targets where seen_at < ${since} returning name`)
  return rows.length
}

/** The server's clock, which `seen_at` goes by. */
export async function serverNow(control: Database): Promise<string> {
  const [row] = await query<{ now: string }>(control, sql`select now()::timestamptz(3)::text as now`)
  return row?.now ?? ''
}

/** What the last run left behind, running or failed, by name. */
export async function lagging(control: Database): Promise<FleetTarget[]> {
  if (!(await mirrorExists(control))) return []
  return query(
    control,
    sql`select name, state, level, wanted, error, attempts, changed_at from fleet_targets where state <> 'current' order by name`,
  )
}

/** Tenants whose own schema or database has fewer migrations than that, as far as anybody has looked. */
export async function tenantsBelow(control: Database, level: number): Promise<ReadonlySet<string>> {
  const rows = await query<{ tenantId: string }>(
    control,
    sql`select tenant_id from fleet_targets where tenant_id is not null and level < ${level}`,
  )
  return new Set(rows.map(({ tenantId }) => tenantId))
}

/**
 * Places of tenants that a process of the release before has founded since what everybody stands on came to so many
 * migrations: no run has seen them. The oldest first, at most 100.
 */
export async function foundedBelow(control: Database, level: number): Promise<string[]> {
  const rows = await query<{ name: string }>(
    control,
    sql`select name from fleet_targets where tenant_id is not null and state = 'current' and level < ${level}
      and changed_at > (select max(changed_at) from fleet_targets where kind = 'tenant' and tenant_id is null
        having bool_and(level >= ${level} and state = 'current'))
      order by changed_at limit 100`,
  )
  return rows.map(({ name }) => name)
}

/** Why and since when no tenant is to be migrated; undefined when nothing is in the way. */
export async function fleetHold(control: Database): Promise<{ reason: string; since: string } | undefined> {
  if (!(await mirrorExists(control))) return undefined
  const [row] = await query<{ reason: string; since: string }>(control, sql`select reason, since from fleet_hold`)
  return row
}

/** Of a tenant that was purged, or of a place that is no more. */
export async function forgetTarget(control: Database, name: string): Promise<void> {
  await query(control, sql`delete from fleet_targets where name = ${name}`)
}

/** One statement on the control database, as its own role. */
export async function query<Row>(control: Database, text: ReturnType<typeof sql>): Promise<Row[]> {
  const connection = await control.connect()
  try {
    const [reply] = await connection.send([statementOf(text)])
    connection.release(false)
    return (reply?.rows ?? []) as Row[]
  } catch (error) {
    connection.release(true)
    throw error
  }
}
