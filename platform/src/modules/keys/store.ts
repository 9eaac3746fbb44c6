import type { Ctx } from '#kernel/context'
import { pageSql } from '#kernel/database/page'
import type { Session } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'
import type { Page } from '#kernel/operation'

export interface KeyRecord {
  id: string
  name: string
  prefix: string
  scopes: string[]
  createdAt: string
  expiresAt: string | null
  lastUsedAt: string | null
  version: number
}

const columns = sql`id, name, prefix, scopes, created_at, expires_at, last_used_at, version`

export async function listKeys(ctx: Ctx, page: Page): Promise<KeyRecord[]> {
  return ctx.db.all(sql`select ${columns} from api_keys where tenant_id = ${ctx.tenant.id} and revoked_at is null
    ${pageSql(page, { createdAt: 'created_at', name: 'name' })}`)
}

export async function insertKey(
  ctx: Ctx,
  key: { name: string; prefix: string; digest: string; scopes: string[]; expiresAt: string | null },
): Promise<KeyRecord> {
  const [record] =
    await ctx.db.all<KeyRecord>(sql`insert into api_keys (tenant_id, id, name, prefix, digest, scopes, created_by, created_at, expires_at)
    values (${ctx.tenant.id}, ${ctx.newId()}, ${key.name}, ${key.prefix}, ${key.digest}, ${key.scopes}::text[], ${ctx.actor.id}, ${ctx.now}, ${key.expiresAt})
    returning ${columns}`)
  return record as KeyRecord
}

/** Undefined when there is no such key, or it is revoked already. */
export async function revokeKey(ctx: Ctx, id: string): Promise<KeyRecord | undefined> {
  return ctx.db.first(sql`update api_keys set revoked_at = ${ctx.now}, version = version + 1
    where tenant_id = ${ctx.tenant.id} and id = ${id} and revoked_at is null returning ${columns}`)
}

export interface LiveKey {
  id: string
  name: string
  scopes: string[]
}

/** The key with this digest, if it is neither revoked nor expired by the database's clock. */
export async function findLiveKey(db: Session, tenantId: string, digest: string): Promise<LiveKey | undefined> {
  return db.first(sql`select id, name, scopes from api_keys
    where tenant_id = ${tenantId} and digest = ${digest} and revoked_at is null and (expires_at is null or expires_at > now())`)
}

/** Notes the use of a key, at most once a minute. */
export async function noteUse(db: Session, tenantId: string, id: string): Promise<void> {
  await db.change(sql`update api_keys set last_used_at = date_trunc('minute', now())
    where tenant_id = ${tenantId} and id = ${id} and (last_used_at is null or last_used_at < date_trunc('minute', now()))`)
}
