import type { Ctx, OpenCtx } from '#kernel/context'
import type { Session } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'

export interface RetentionRecord {
  days: number | null
  version: number
}

/** Of a tenant that never said anything: for ever. */
export async function findRetention(ctx: Ctx): Promise<RetentionRecord> {
  const found = sql`select days, version from audit_retention where tenant_id = ${ctx.tenant.id}`
  return (await ctx.db.first<RetentionRecord>(found)) ?? { days: null, version: 1 }
}

export async function writeRetention(ctx: Ctx, days: number | null): Promise<RetentionRecord> {
  const [record] = await ctx.db.all<RetentionRecord>(sql`
    insert into audit_retention (tenant_id, days, version, changed_at) values (${ctx.tenant.id}, ${days}, 2, ${ctx.now})
    on conflict (tenant_id) do update set days = excluded.days, version = audit_retention.version + 1,
      changed_at = excluded.changed_at
    returning days, version`)
  return record as RetentionRecord
}

/** Days of a tenant's retention; undefined: for ever. */
export async function retentionOf(ctx: OpenCtx, tenantId: string): Promise<number | undefined> {
  const found = sql`select days from audit_retention where tenant_id = ${tenantId}`
  return (await ctx.db.first<{ days: number | null }>(found))?.days ?? undefined
}

/** What a tenant that is gone had chosen. */
export async function deleteAuditSettings(db: Session, tenantId: string): Promise<void> {
  await db.change(sql`delete from audit_streams where tenant_id = ${tenantId}`)
  await db.change(sql`delete from audit_retention where tenant_id = ${tenantId}`)
}
