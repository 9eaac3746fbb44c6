import type { OpenCtx } from '#kernel/context'
import { filterSql } from '#kernel/database/page'
import type { Session } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'
import { idNamed } from '#kernel/id'
import { directoryFacts } from '#modules/tenants'
import type { Rules } from './rules.ts'

/** Goes up with every change of any flag. In a session of the control role. */
export async function rulesVersion(control: Session): Promise<number> {
  const row = await control.first<{ version: number }>(
    sql`select coalesce(sum(version), 0)::bigint as version from flags`,
  )
  return row?.version ?? 0
}

type RulesRow = Omit<Rules, 'tenants'> & { key: string; tenants: Record<string, boolean> }

/** What staff have said, by flag: of all, or of one. */
export async function readRules(control: Session, key?: string): Promise<ReadonlyMap<string, Rules>> {
  const only = filterSql([key !== undefined && sql`key = ${key}`])
  const rows = await control.all<RulesRow>(sql`select key, state, roles, plans, percentage, starts_at, ends_at,
      coalesce((select json_object_agg(tenant_id, is_on) from flag_tenants t where t.flag_id = f.id), '{}') as tenants
    from flags f where true ${only} limit 1000`)
  return new Map(
    rows.map(({ key: name, tenants, ...rules }) => [name, { ...rules, tenants: new Map(Object.entries(tenants)) }]),
  )
}

/** A flag's line, without who is named. */
export interface FlagRecord extends Omit<Rules, 'tenants'> {
  id: string
  key: string
  reason: string | null
  changedAt: string | null
  changedBy: string | null
  version: number
}

const columns = sql`id, key, state, roles, plans, percentage, starts_at, ends_at, reason, changed_at, changed_by, version`
const named = sql`(select count(*)::int from flag_tenants t where t.flag_id = f.id and is_on) as tenants_on,
  (select count(*)::int from flag_tenants t where t.flag_id = f.id and not is_on) as tenants_off`

export type CountedFlag = FlagRecord & { tenantsOn: number; tenantsOff: number }

/** Those that somebody has ever changed, or one of them. */
export async function listFlags(ctx: OpenCtx, key?: string): Promise<CountedFlag[]> {
  const only = filterSql([key !== undefined && sql`key = ${key}`])
  return ctx.db.all(sql`select ${columns}, ${named} from flags f where true ${only} order by key limit 1000`)
}

/** The line of a flag, locked until the commit. The first change makes it. */
export async function lockFlag(ctx: OpenCtx, key: string): Promise<CountedFlag | undefined> {
  await ctx.db.change(
    sql`insert into flags (id, key) values (${idNamed(`flag ${key}`)}, ${key}) on conflict (key) do nothing`,
  )
  return ctx.db.first(sql`select ${columns}, ${named} from flags f where key = ${key} for update of f`)
}

const who = (ctx: OpenCtx) => (ctx.actor.kind === 'person' ? ctx.actor.name : null)

export async function updateFlag(
  ctx: OpenCtx,
  { id }: { id: string },
  { state, roles, plans, percentage, startsAt, endsAt }: Omit<Rules, 'tenants'>,
  reason: string,
): Promise<CountedFlag | undefined> {
  return ctx.db.first(sql`update flags f set state = ${state}, roles = ${roles}, plans = ${plans}, percentage = ${percentage},
      starts_at = ${startsAt}, ends_at = ${endsAt}, reason = ${reason}, changed_at = ${ctx.now}, changed_by = ${who(ctx)},
      version = version + 1
    where id = ${id} returning ${columns}, ${named}`)
}

/** Notes that the flag was changed for one tenant, so that every process reads the rules again. */
export async function touchFlag(ctx: OpenCtx, { id }: { id: string }, reason: string): Promise<void> {
  await ctx.db.change(sql`update flags set reason = ${reason}, changed_at = ${ctx.now}, changed_by = ${who(ctx)},
    version = version + 1 where id = ${id}`)
}

/** What a tenant was given by name; undefined: nothing. */
export async function findNamed(ctx: OpenCtx, flagId: string, tenant: string): Promise<boolean | undefined> {
  const found = sql`select is_on from flag_tenants where flag_id = ${flagId} and tenant_id = ${tenant}`
  return (await ctx.db.first<{ isOn: boolean }>(found))?.isOn
}

export async function countNamed(ctx: OpenCtx, flagId: string): Promise<number> {
  const counted = sql`select count(*)::int as tenants from flag_tenants where flag_id = ${flagId}`
  return (await ctx.db.first<{ tenants: number }>(counted))?.tenants ?? 0
}

/** Null takes the name away. */
export async function writeNamed(ctx: OpenCtx, flagId: string, tenant: string, on: boolean | null): Promise<void> {
  await ctx.db.change(
    on === null
      ? sql`delete from flag_tenants where flag_id = ${flagId} and tenant_id = ${tenant}`
      : sql`insert into flag_tenants (flag_id, tenant_id, is_on) values (${flagId}, ${tenant}, ${on})
          on conflict (flag_id, tenant_id) do update set is_on = excluded.is_on`,
  )
}

/** Tenants that a flag names, by name. */
export async function listNamed(
  ctx: OpenCtx,
  key: string,
): Promise<{ id: string; name: string; slug: string | null; on: boolean }[]> {
  return ctx.db.all(sql`select d.id, d.name, d.slug, t.is_on as on from flags f join flag_tenants t on t.flag_id = f.id
      join ${directoryFacts} d on d.id = t.tenant_id
    where f.key = ${key} and d.state <> 'purged' order by d.name, d.id limit 1000`)
}

/** Tenants that are not purged, by id: at most `limit` after `lastId`. */
export async function tenantsAfter(
  ctx: OpenCtx,
  lastId: string,
  limit: number,
): Promise<{ tenantId: string; plan: string }[]> {
  return ctx.db.all(sql`select id as tenant_id, plan from ${directoryFacts} d
    where state <> 'purged' and id > ${lastId} order by id limit ${limit}`)
}
