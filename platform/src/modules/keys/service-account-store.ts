import type { Ctx } from '#kernel/context'
import { pageSql } from '#kernel/database/page'
import { sql } from '#kernel/database/statement'
import type { Page } from '#kernel/operation'
import { looksLike, type Principal } from '#modules/access'

export interface ServiceAccountRecord {
  id: string
  name: string
  description: string
  disabledAt: string | null
  keys: number
  lastUsedAt: string | null
  createdAt: string
  updatedAt: string
  version: number
}

const ofAccount = sql`from api_keys k where k.tenant_id = s.tenant_id and k.service_account_id = s.id`
const columns = sql`s.id, s.name, s.description, s.disabled_at, s.created_at, s.updated_at, s.version,
  (select count(*)::int ${ofAccount} and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())) as keys,
  (select max(k.last_used_at) ${ofAccount}) as last_used_at`

export async function listServiceAccounts(ctx: Ctx, page: Page): Promise<ServiceAccountRecord[]> {
  return ctx.db.all(
    sql`select ${columns} from service_accounts s where tenant_id = ${ctx.tenant.id} ${pageSql(page, { name: 'name', createdAt: 'created_at' })}`,
  )
}

export async function findServiceAccount(ctx: Ctx, id: string): Promise<ServiceAccountRecord | undefined> {
  return ctx.db.first(sql`select ${columns} from service_accounts s where tenant_id = ${ctx.tenant.id} and id = ${id}`)
}

/** Held until the commit. */
export async function lockServiceAccount(ctx: Ctx, id: string): Promise<ServiceAccountRecord | undefined> {
  return ctx.db.first(
    sql`select ${columns} from service_accounts s where tenant_id = ${ctx.tenant.id} and id = ${id} for update`,
  )
}

/** Undefined when the name is taken, or looks like another one. */
export async function insertServiceAccount(
  ctx: Ctx,
  { name, description }: { name: string; description: string },
): Promise<ServiceAccountRecord | undefined> {
  return ctx.db.first(sql`insert into service_accounts as s (tenant_id, id, name, description, created_by, created_at, updated_at)
    select ${ctx.tenant.id}, ${ctx.newId()}, ${name}, ${description}, ${ctx.actor.id}, ${ctx.now}, ${ctx.now}
    where not exists (select from service_accounts o where o.tenant_id = ${ctx.tenant.id} and ${looksLike(sql`o.name`, name)})
    on conflict (tenant_id, name) do nothing returning ${columns}`)
}

/** Undefined when another one has the name, or one that looks like it. */
export async function updateServiceAccount(
  ctx: Ctx,
  id: string,
  { name, description, disabledAt }: Pick<ServiceAccountRecord, 'name' | 'description' | 'disabledAt'>,
): Promise<ServiceAccountRecord | undefined> {
  return ctx.db.first(sql`update service_accounts s set name = ${name}, description = ${description}, disabled_at = ${disabledAt},
      version = version + 1, updated_at = ${ctx.now}
    where tenant_id = ${ctx.tenant.id} and id = ${id} and not exists
      (select from service_accounts o where o.tenant_id = ${ctx.tenant.id} and ${looksLike(sql`o.name`, name)} and o.id <> ${id})
    returning ${columns}`)
}

/** With its keys. */
export async function deleteServiceAccount(ctx: Ctx, id: string): Promise<void> {
  await ctx.db.change(sql`delete from service_accounts where tenant_id = ${ctx.tenant.id} and id = ${id}`)
}

/** As somebody whom roles can be given to. */
export async function serviceAccountIn(ctx: Ctx, id: string): Promise<Principal | undefined> {
  const found = await ctx.db.first<{ disabledAt: string | null }>(
    sql`select disabled_at from service_accounts where tenant_id = ${ctx.tenant.id} and id = ${id}`,
  )
  return found && { kind: 'serviceAccount', isDisabled: found.disabledAt !== null }
}
