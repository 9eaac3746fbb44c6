import { Access } from '#kernel/access/access'
import type { Resources } from '#kernel/access/resource'
import type { Actor, Ctx } from '#kernel/context'
import { filterSql, pageSql } from '#kernel/database/page'
import type { Session } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'
import type { Page } from '#kernel/operation'
import { type AssignmentRow, assignmentColumns, assignmentOf, assignmentTables } from '#modules/access'

export interface KeyRecord {
  id: string
  name: string
  prefix: string
  serviceAccountId: string | null
  serviceAccountName: string | null
  scopes: string[]
  createdAt: string
  expiresAt: string | null
  lastUsedAt: string | null
  version: number
}

const columns = sql`id, name, prefix, service_account_id, scopes, created_at, expires_at, last_used_at, version,
  (select s.name from service_accounts s where s.tenant_id = api_keys.tenant_id and s.id = service_account_id) as service_account_name`

export async function listKeys(
  ctx: Ctx,
  page: Page,
  { serviceAccountId }: { serviceAccountId?: string | undefined },
): Promise<KeyRecord[]> {
  const conditions = filterSql([serviceAccountId !== undefined && sql`service_account_id = ${serviceAccountId}`])
  return ctx.db.all(sql`select ${columns} from api_keys where tenant_id = ${ctx.tenant.id} and revoked_at is null ${conditions}
    ${pageSql(page, { createdAt: 'created_at', name: 'name' })}`)
}

export async function insertKey(
  ctx: Ctx,
  key: Pick<KeyRecord, 'name' | 'prefix' | 'serviceAccountId' | 'scopes' | 'expiresAt'> & { digest: string },
): Promise<KeyRecord> {
  const [record] =
    await ctx.db.all<KeyRecord>(sql`insert into api_keys (tenant_id, id, name, prefix, digest, service_account_id, scopes, created_by, created_at, expires_at)
    values (${ctx.tenant.id}, ${ctx.newId()}, ${key.name}, ${key.prefix}, ${key.digest}, ${key.serviceAccountId}, ${key.scopes}::text[], ${ctx.actor.id}, ${ctx.now}, ${key.expiresAt})
    returning ${columns}`)
  return record as KeyRecord
}

/** Held until the commit; undefined when there is no such key, or it is revoked. */
export async function lockKey(ctx: Ctx, id: string): Promise<KeyRecord | undefined> {
  return ctx.db.first(sql`select ${columns} from api_keys
    where tenant_id = ${ctx.tenant.id} and id = ${id} and revoked_at is null for update`)
}

/** Has a key end at an instant, ISO 8601 UTC, or earlier when it would have. */
export async function endKey(ctx: Ctx, id: string, at: string): Promise<KeyRecord | undefined> {
  return ctx.db.first(sql`update api_keys set expires_at = least(expires_at, ${at}::timestamptz), version = version + 1
    where tenant_id = ${ctx.tenant.id} and id = ${id} returning ${columns}`)
}

/** Undefined when there is no such key, or it is revoked already. */
export async function revokeKey(ctx: Ctx, id: string): Promise<KeyRecord | undefined> {
  return ctx.db.first(sql`update api_keys set revoked_at = ${ctx.now}, version = version + 1
    where tenant_id = ${ctx.tenant.id} and id = ${id} and revoked_at is null returning ${columns}`)
}

/** Who acts with a key, and what they may do. */
export interface LiveKey {
  readonly id: string
  readonly actor: Pick<Actor, 'kind' | 'id' | 'name'>
  readonly access: Access
}

interface LiveKeyRow extends Omit<AssignmentRow, 'assignmentId'> {
  id: string
  name: string
  scopes: string[]
  accountId: string | null
  accountName: string
  assignmentId: string | null
}

/**
 * The key with this digest with all that its requests need, in one query; undefined when it is revoked, expired by the
 * database's clock, or of a service account that is disabled.
 */
export async function findLiveKey(
  db: Session,
  { tenantId, digest }: { tenantId: string; digest: string },
  resources: Resources,
): Promise<LiveKey | undefined> {
  const rows = await db.all<LiveKeyRow>(sql`
    select k.id, k.name, k.scopes, s.id as account_id, s.name as account_name, ${assignmentColumns} from api_keys k
    left join service_accounts s on s.tenant_id = k.tenant_id and s.id = k.service_account_id
    left join (${assignmentTables}) on a.tenant_id = k.tenant_id and a.principal_id = k.service_account_id
    where k.tenant_id = ${tenantId} and k.digest = ${digest} and k.revoked_at is null and s.disabled_at is null
      and (k.expires_at is null or k.expires_at > now())`)
  const [key] = rows
  if (!key) return undefined
  const { id, name, scopes, accountId, accountName } = key
  if (accountId === null) return { id, actor: { kind: 'key', id, name }, access: Access.of(scopes) }
  const access = new Access(rows.filter(isAssigned).map(assignmentOf), resources)
  const actor = { kind: 'serviceAccount', id: accountId, name: `${accountName} (${name})` } as const
  return { id, actor, access: scopes.length === 0 ? access : access.limitedTo(scopes) }
}

/** A service account without any role comes as one row without an assignment. */
function isAssigned(row: LiveKeyRow): row is LiveKeyRow & AssignmentRow {
  return row.assignmentId !== null
}

/** Notes the use of a key, at most once a minute. */
export async function noteUse(db: Session, tenantId: string, id: string): Promise<void> {
  await db.change(sql`update api_keys set last_used_at = date_trunc('minute', now())
    where tenant_id = ${tenantId} and id = ${id} and (last_used_at is null or last_used_at < date_trunc('minute', now()))`)
}
