import type { OpenCtx } from '#kernel/context'
import { filterSql, pageSql } from '#kernel/database/page'
import { noTenant } from '#kernel/database/signed-context'
import { sql } from '#kernel/database/statement'
import type { Page } from '#kernel/operation'

export interface StaffActionRow {
  id: string
  at: string
  operation: string
  event: string
  actorId: string
  actorName: string | null
  resourceKind: string
  resourceId: string
  address: string | null
  reason: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

export interface StaffActionFilter {
  /** Part of the name of who acted, of the operation or of the reason, in whatever case. */
  readonly search?: string | undefined
  readonly from?: string | undefined
  readonly until?: string | undefined
  readonly resourceId?: string | undefined
}

/** What was done by these operations, as one log of the control database has it: a tenant's, or that of no tenant. */
export async function listActions(
  ctx: OpenCtx,
  { log, operations }: { log: string; operations: readonly string[] },
  page: Page,
  { search, from, until, resourceId }: StaffActionFilter,
): Promise<StaffActionRow[]> {
  const text = search?.trim() || undefined
  // Whoever asks for more in a support session says why once more, beside the reason that it was opened for.
  const reason = sql`coalesce(
    case when e.operation = 'staffSupport.raise' then v.after ->> 'raiseReason' end,
    v.after ->> 'reason')`
  const conditions = filterSql([
    from !== undefined && sql`at >= ${from}`,
    until !== undefined && sql`at < ${until}`,
    resourceId !== undefined && sql`resource_id = ${resourceId}`,
    text !== undefined &&
      sql`(position(lower(${text}::text) in lower(coalesce(actor_name, ''))) > 0
        or position(lower(${text}::text) in lower(operation)) > 0
        or position(lower(${text}::text) in lower(coalesce(reason, ''))) > 0)`,
  ])
  return ctx.db.all(sql`select * from (
      select e.id, e.at, e.operation, e.event, e.actor_id, v.actor_name, e.resource_kind, e.resource_id, v.address,
        ${reason} as reason, v.before, v.after
      from audit_events e left join audit_values v on v.tenant_id = e.tenant_id and v.event_id = e.id
      where e.tenant_id = ${log} and e.operation = any(${operations}::text[])
    ) action where true ${conditions} ${pageSql(page, { at: 'at' })}`)
}

/** The same of the log that belongs to no tenant. */
export async function listActionsOfPlatform(
  ctx: OpenCtx,
  operations: readonly string[],
  page: Page,
  filter: StaffActionFilter,
): Promise<StaffActionRow[]> {
  return listActions(ctx, { log: noTenant, operations }, page, filter)
}
