import type { Ctx } from '#kernel/context'
import { filterSql, pageSql } from '#kernel/database/page'
import type { Session } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'
import type { Page } from '#kernel/operation'

export interface AuditFilter {
  readonly actorId?: string | undefined
  readonly resourceId?: string | undefined
  readonly resource?: string | undefined
  readonly event?: string | undefined
  readonly operation?: string | undefined
  /** The name of a field. */
  readonly changed?: string | undefined
  readonly from?: string | undefined
  readonly until?: string | undefined
}

export interface AuditRow {
  id: string
  at: string
  event: string
  operation: string
  via: string
  actorKind: string
  actorId: string
  actorName: string | null
  onBehalfOf: string | null
  resourceKind: string
  resourceId: string
  address: string | null
  requestId: string
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

/** The same query answers in the tenant's cell and in the control database: both keep a part of the record. */
export async function auditRows(ctx: Ctx, db: Session, page: Page, filter: AuditFilter): Promise<AuditRow[]> {
  const conditions = filterSql([
    filter.actorId !== undefined && sql`actor_id = ${filter.actorId}`,
    filter.resourceId !== undefined && sql`resource_id = ${filter.resourceId}`,
    filter.resource !== undefined && sql`resource_kind = ${filter.resource}`,
    filter.event !== undefined && sql`event = ${filter.event}`,
    filter.operation !== undefined && sql`operation = ${filter.operation}`,
    filter.changed !== undefined && sql`${filter.changed} = any(changed)`,
    filter.from !== undefined && sql`at >= ${filter.from}`,
    filter.until !== undefined && sql`at < ${filter.until}`,
  ])
  return db.all(sql`
    select e.id, e.at, e.event, e.operation, e.via, e.actor_kind, e.actor_id, v.actor_name, e.on_behalf_of, e.resource_kind, e.resource_id,
      v.address, e.request_id, v.before, v.after
    from (select * from audit_events where tenant_id = ${ctx.tenant.id} ${conditions} ${pageSql(page, { at: 'at' })}) e
    left join audit_values v on v.tenant_id = e.tenant_id and v.event_id = e.id
    order by ${page.sort.descending ? sql`e.at desc, e.id desc` : sql`e.at, e.id`}`)
}
