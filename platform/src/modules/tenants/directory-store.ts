import type { Ctx, OpenCtx, TenantState } from '#kernel/context'
import { filterSql, pageSql } from '#kernel/database/page'
import type { Session } from '#kernel/database/session'
import { empty, type Sql, sql } from '#kernel/database/statement'
import type { Page } from '#kernel/operation'

/** A tenant's line in the directory, as staff see it. */
export interface DirectoryRecord {
  id: string
  slug: string | null
  name: string
  state: TenantState
  stateSince: string
  stateBefore: TenantState | null
  reason: string | null
  purgeAfter: string | null
  erasedAt: string | null
  region: string
  plan: string
  cell: string
  model: 'pool' | 'bridge' | 'silo'
  createdAt: string
  version: number
}

const columns = sql`id, slug, name, state, state_since, state_before, state_reason as reason, purge_after, erased_at, region,
  plan, cell, model, created_at, version`

/** `search`: a part of the name or of the slug, in whatever case, or how the id begins. */
export async function listDirectory(
  ctx: OpenCtx,
  page: Page,
  { search, state }: { search?: string | undefined; state?: TenantState | undefined },
): Promise<DirectoryRecord[]> {
  const text = search?.trim() || undefined
  const conditions = filterSql([text !== undefined && isNamedSql(text), state !== undefined && sql`state = ${state}`])
  return ctx.db.all(sql`select ${columns} from tenants where true ${conditions}
    ${pageSql(page, { createdAt: 'created_at', name: 'name' })}`)
}

/** The directory's lines for a store of another module to join in the control database; whoever does adds an alias. */
export const directoryFacts = sql`(select id, slug, name, state, region, plan, cell, model from tenants)`

/**
 * Whether a line of the directory has this in its name or slug, in whatever case, or its id begins with it. Every line is
 * looked at: 10,000 of them take less time than the rest of the request.
 */
export function isNamedSql(text: string): Sql {
  return sql`(position(lower(${text}::text) in lower(name)) > 0 or position(lower(${text}::text) in slug) > 0
    or starts_with(id::text, lower(${text}::text)))`
}

/** Tenants that have this in their name or slug, in whatever case: the ids of at most 1,000, by name. */
export async function tenantsNamed(control: Session, text: string): Promise<string[]> {
  const rows = await control.all<{ id: string }>(
    sql`select id from tenants where ${isNamedSql(text)} order by name, id limit 1000`,
  )
  return rows.map(({ id }) => id)
}

/** What people call these tenants, by id. */
export async function tenantNames(
  control: Session,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Pick<DirectoryRecord, 'id' | 'name' | 'slug'>>> {
  const rows = await control.all<Pick<DirectoryRecord, 'id' | 'name' | 'slug'>>(
    sql`select id, name, slug from tenants where id = any(${ids}::uuid[])`,
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** `lock` holds the line until the commit, so that two changes of state go one after the other. */
export async function findDirectoryEntry(
  ctx: OpenCtx,
  id: string,
  lock?: 'lock',
): Promise<DirectoryRecord | undefined> {
  return ctx.db.first(sql`select ${columns} from tenants where id = ${id} ${lock ? sql`for update` : empty}`)
}

export async function countMemberships(ctx: OpenCtx, id: string): Promise<number> {
  const row = await ctx.db.first<{ members: number }>(
    sql`select count(*)::int as members from memberships where tenant_id = ${id}`,
  )
  return row?.members ?? 0
}

export interface StateChange {
  readonly state: TenantState
  readonly reason: string
  readonly stateBefore: TenantState | null
  readonly purgeAfter: string | null
}

/** Writes a new state. A purged tenant loses its slug, which is then free for others. */
export async function writeState(
  ctx: Ctx,
  { state, reason, stateBefore, purgeAfter }: StateChange,
): Promise<DirectoryRecord | undefined> {
  return ctx.db.first(sql`update tenants set state = ${state}, state_since = ${ctx.now}, state_reason = ${reason},
      state_before = ${stateBefore}, purge_after = ${purgeAfter}, slug = case when ${state === 'purged'} then null else slug end,
      version = version + 1, updated_at = ${ctx.now}
    where id = ${ctx.tenant.id} returning ${columns}`)
}

export async function writePlan(ctx: Ctx, plan: string): Promise<DirectoryRecord | undefined> {
  return ctx.db.first(sql`update tenants set plan = ${plan}, version = version + 1, updated_at = ${ctx.now}
    where id = ${ctx.tenant.id} returning ${columns}`)
}

export async function deleteMemberships(ctx: Ctx): Promise<void> {
  await ctx.db.change(sql`delete from memberships where tenant_id = ${ctx.tenant.id}`)
}

/** Cancelled tenants whose grace period is over, at most 100 of them. */
export async function tenantsToPurge(ctx: OpenCtx): Promise<{ id: string; slug: string }[]> {
  return ctx.db.all(sql`select id, slug from tenants where state = 'cancelled' and purge_after <= ${ctx.now}
    order by purge_after limit 100`)
}

/** Undefined when that was noted before. */
export async function noteErased(ctx: Ctx): Promise<DirectoryRecord | undefined> {
  return ctx.db.first(sql`update tenants set erased_at = ${ctx.now}, version = version + 1, updated_at = ${ctx.now}
    where id = ${ctx.tenant.id} and state = 'purged' and erased_at is null returning ${columns}`)
}

/** Where an account is a member, by name; read as the control role. */
export async function tenantsOfUser(
  control: Session,
  userId: string,
): Promise<Pick<DirectoryRecord, 'id' | 'name' | 'slug' | 'state'>[]> {
  return control.all(sql`select t.id, t.name, t.slug, t.state from memberships m join tenants t on t.id = m.tenant_id
    where m.user_id = ${userId} order by t.name, t.id limit 200`)
}
