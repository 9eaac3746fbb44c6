import type { Ctx, OpenCtx, Tenant, TenantState } from '#kernel/context'
import { pageSql } from '#kernel/database/page'
import type { Session } from '#kernel/database/session'
import { empty, sql } from '#kernel/database/statement'
import type { SystemRole } from '#kernel/module'
import type { Page } from '#kernel/operation'
import type { Principal } from '#modules/access'

interface DirectoryRow {
  id: string
  slug: string | null
  name: string
  state: TenantState
  cell: string
  model: Tenant['placement']['model']
  placementVersion: number
  siloCredential: string | null
  region: string
  plan: string
  mfaRequired: boolean
  idleTimeoutMinutes: number | null
  sessionMaxHours: number | null
}

const directoryColumns = sql`id, slug, name, state, cell, model, placement_version, silo_credential, region, plan,
  mfa_required, idle_timeout_minutes, session_max_hours`

/** Looks a tenant up by slug or id, as the serving role may: through the directory's function. */
export async function findTenant(directory: Session, reference: string): Promise<Tenant | undefined> {
  const row = await directory.first<DirectoryRow>(sql`select ${directoryColumns} from find_tenant(${reference})`)
  return row && tenantOf(row)
}

/** Tenants that have a schema or a database of their own, by id: at most `limit` after `lastId`. Read as the control role. */
export async function tenantsWithOwnPlace(directory: Session, lastId: string, limit: number): Promise<Tenant[]> {
  const rows = await directory.all<DirectoryRow>(sql`select ${directoryColumns} from tenants
    where model <> 'pool' and id > ${lastId} order by id limit ${limit}`)
  return rows.map(tenantOf)
}

/** Tenants that may have rows, whether open or closed, by id: at most `limit` after `lastId`. Read as the control role. */
export async function tenantsWithRows(directory: Session, lastId: string, limit: number): Promise<Tenant[]> {
  const rows = await directory.all<DirectoryRow>(sql`select ${directoryColumns} from tenants
    where state not in ('provisioning', 'purged') and id > ${lastId} order by id limit ${limit}`)
  return rows.map(tenantOf)
}

export async function countTenantsWithRows(directory: Session): Promise<number> {
  const counted = sql`select count(*)::int as tenants from tenants where state not in ('provisioning', 'purged')`
  return (await directory.first<{ tenants: number }>(counted))?.tenants ?? 0
}

function tenantOf(row: DirectoryRow): Tenant {
  const { id, slug, name, state, region, plan, cell, model, placementVersion, siloCredential } = row
  const { mfaRequired, idleTimeoutMinutes, sessionMaxHours } = row
  const sessions = { mfaRequired, idleTimeoutMinutes, sessionMaxHours }
  const credential = siloCredential === null ? {} : { credential: siloCredential }
  const placement = { cell, model, version: placementVersion, ...credential }
  return { id, slug: slug ?? '', name, state, region, plan, placement, sessions }
}

export interface TenantRecord {
  id: string
  slug: string
  name: string
  createdAt: string
  version: number
}

/** Undefined when the slug is taken. */
export async function insertTenant(
  ctx: Ctx,
  tenant: { slug: string; name: string; reason: string | undefined },
): Promise<TenantRecord | undefined> {
  const { id, region, plan, placement } = ctx.tenant
  const { cell, model, credential = null } = placement
  return ctx.db.first(sql`insert into tenants (id, slug, name, state, state_since, state_reason, region, plan, cell, model, silo_credential, created_at, updated_at)
    values (${id}, ${tenant.slug}, ${tenant.name}, 'provisioning', ${ctx.now}, ${tenant.reason ?? null}, ${region}, ${plan}, ${cell}, ${model}, ${credential}, ${ctx.now}, ${ctx.now})
    on conflict (slug) do nothing returning id, slug, name, created_at, version`)
}

export async function lockTenant(ctx: Ctx): Promise<TenantRecord | undefined> {
  return ctx.db.first(
    sql`select id, slug, name, created_at, version from tenants where id = ${ctx.tenant.id} for update`,
  )
}

/** Undefined when the slug is taken. */
export async function updateTenant(
  ctx: Ctx,
  changes: { slug?: string | undefined; name?: string | undefined },
): Promise<TenantRecord | undefined> {
  return ctx.db.first(sql`update tenants set slug = coalesce(${changes.slug}, slug), name = coalesce(${changes.name}, name),
      version = version + 1, updated_at = ${ctx.now}
    where id = ${ctx.tenant.id} and not exists (select from tenants other where other.slug = ${changes.slug} and other.id <> ${ctx.tenant.id})
    returning id, slug, name, created_at, version`)
}

/** Undefined when it was active before. */
export async function activateTenant(
  ctx: OpenCtx,
  tenantId: string,
): Promise<(TenantRecord & { state: string }) | undefined> {
  return ctx.db.first(sql`update tenants set state = 'active', state_since = ${ctx.now}, updated_at = ${ctx.now}
    where id = ${tenantId} and state = 'provisioning' returning id, slug, name, state, created_at, version`)
}

export async function tenantsOf(ctx: OpenCtx): Promise<(TenantRecord & { state: TenantState })[]> {
  return ctx.db.all(sql`select t.id, t.slug, t.name, t.state, t.created_at, t.version from memberships m join tenants t on t.id = m.tenant_id
    where m.user_id = ${ctx.actor.id} order by t.name, t.id limit 200`)
}

/** Read as the control role, before the tenant itself can be asked. */
export async function hasMembership(directory: Session, userId: string, tenantId: string): Promise<boolean> {
  const found = sql`select from memberships where user_id = ${userId} and tenant_id = ${tenantId}`
  return (await directory.first(found)) !== undefined
}

export async function insertMembership(ctx: OpenCtx, userId: string, tenantId: string): Promise<void> {
  await ctx.db.change(
    sql`insert into memberships (user_id, tenant_id) values (${userId}, ${tenantId}) on conflict do nothing`,
  )
}

export async function deleteMembership(ctx: OpenCtx, userId: string, tenantId: string): Promise<void> {
  await ctx.db.change(sql`delete from memberships where user_id = ${userId} and tenant_id = ${tenantId}`)
}

export interface MemberRecord {
  id: string
  userId: string
  name: string
  email: string
  role: SystemRole
  joinedAt: string
  version: number
}

const memberColumns = sql`m.id, m.user_id, m.name, m.email, r.system as role, m.joined_at, m.version`
/** With the one role of the system that each has for the whole organisation; others are assignments. */
const memberTables = sql`members m join role_assignments a on a.tenant_id = m.tenant_id and a.principal_id = m.user_id
    and a.scope_kind = 'tenant'
  join roles r on r.tenant_id = a.tenant_id and r.id = a.role_id and r.system is not null`

export async function listMembers(ctx: Ctx, page: Page): Promise<MemberRecord[]> {
  const from = sql`select * from (select m.tenant_id, ${memberColumns} from ${memberTables} where m.tenant_id = ${ctx.tenant.id}) member where true`
  return ctx.db.all(sql`${from} ${pageSql(page, { name: 'name', joinedAt: 'joined_at' })}`)
}

/** A member with their role. `lock` holds the row until the commit. */
export async function findMember(
  ctx: Ctx,
  by: { id: string } | { userId: string },
  lock?: 'lock',
): Promise<MemberRecord | undefined> {
  const which = 'id' in by ? sql`m.id = ${by.id}` : sql`m.user_id = ${by.userId}`
  const locking = lock ? sql`for update of m` : empty
  return ctx.db.first(
    sql`select ${memberColumns} from ${memberTables} where m.tenant_id = ${ctx.tenant.id} and ${which} ${locking}`,
  )
}

export async function insertMember(
  ctx: Ctx,
  person: { userId: string; name: string; email: string },
): Promise<{ id: string } | undefined> {
  return ctx.db.first(sql`insert into members (tenant_id, id, user_id, name, email, joined_at)
    values (${ctx.tenant.id}, ${ctx.newId()}, ${person.userId}, ${person.name}, ${person.email}, ${ctx.now})
    on conflict (tenant_id, user_id) do nothing returning id`)
}

export async function touchMember(ctx: Ctx, id: string): Promise<void> {
  await ctx.db.change(sql`update members set version = version + 1 where tenant_id = ${ctx.tenant.id} and id = ${id}`)
}

export async function deleteMember(ctx: Ctx, id: string): Promise<void> {
  await ctx.db.change(sql`delete from members where tenant_id = ${ctx.tenant.id} and id = ${id}`)
}

/**
 * The accounts of all owners, locked until the commit: whoever removes or demotes an owner asks here first, so two
 * removals at once go one after the other and the second sees what the first has left.
 */
export async function lockOwners(ctx: Ctx): Promise<string[]> {
  const rows = await ctx.db.all<{ principalId: string }>(sql`select a.principal_id from role_assignments a
    join roles r on r.tenant_id = a.tenant_id and r.id = a.role_id
    where a.tenant_id = ${ctx.tenant.id} and r.system = 'owner' and a.scope_kind = 'tenant' order by a.id for update of a`)
  return rows.map((row) => row.principalId)
}

/** Whom roles can be given to: members. */
export async function principalIn(ctx: Ctx, userId: string): Promise<Principal | undefined> {
  const member = sql`select email from members where tenant_id = ${ctx.tenant.id} and user_id = ${userId}`
  const found = await ctx.db.first<{ email: string }>(member)
  return found && { kind: 'person', email: found.email }
}

/** The addresses of those among these accounts who are members. */
export async function addressesOf(ctx: Ctx, userIds: readonly string[]): Promise<string[]> {
  const rows = await ctx.db.all<{ email: string }>(
    sql`select email from members where tenant_id = ${ctx.tenant.id} and user_id = any(${userIds}::uuid[]) order by email`,
  )
  return rows.map(({ email }) => email)
}

/** Notes that a member has asked for something, once an hour at most. */
export async function noteActivity(db: Session, tenantId: string, userId: string): Promise<void> {
  await db.change(sql`update members set last_active_at = date_trunc('hour', now()) where tenant_id = ${tenantId}
    and user_id = ${userId} and (last_active_at is null or last_active_at < date_trunc('hour', now()))`)
}

/** Whether an account belongs to a member here. */
export async function isMember(ctx: Ctx, userId: string): Promise<boolean> {
  return (
    (await ctx.db.first(sql`select id from members where tenant_id = ${ctx.tenant.id} and user_id = ${userId}`)) !==
    undefined
  )
}
