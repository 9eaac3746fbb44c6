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

/** What an entry has of its event `e` and the values `v`. */
const entryColumns = sql`e.id, e.at, e.event, e.operation, e.via, e.actor_kind, e.actor_id, v.actor_name, e.on_behalf_of, e.resource_kind,
  e.resource_id, v.address, e.request_id, v.before, v.after`

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
    select ${entryColumns} from (select * from audit_events where tenant_id = ${ctx.tenant.id} ${conditions} ${pageSql(page, { at: 'at' })}) e
    left join audit_values v on v.tenant_id = e.tenant_id and v.event_id = e.id
    order by ${page.sort.descending ? sql`e.at desc, e.id desc` : sql`e.at, e.id`}`)
}

/** Entries of one seal in their order, from the one behind the first `events`. */
export interface SealedEntries {
  readonly seal: number
  readonly sealedAt: string
  /** With the place of each in its seal, from 1. */
  readonly entries: readonly (AuditRow & { readonly place: number })[]
  /** How many the seal holds. */
  readonly sealed: number
}

/** What follows in a chain: of the seal after `seal`, or undefined when there is none yet. */
export async function sealedEntries(
  db: Session,
  tenantId: string,
  { seal, events }: { seal: number; events: number },
  limit: number,
): Promise<SealedEntries | undefined> {
  const next = await db.first<Pick<SealedEntries, 'seal' | 'sealedAt' | 'sealed'>>(sql`
    select number as seal, sealed_at, cardinality(event_ids) as sealed from audit_seals
    where tenant_id = ${tenantId} and number > ${seal} order by number limit 1`)
  if (!next) return undefined
  // A seal before it that went with the tenant's retention was begun, perhaps; this one was not.
  const begun = next.seal === seal + 1 ? events : 0
  const entries = await db.all<SealedEntries['entries'][number]>(sql`
    select ${entryColumns}, p.place::int as place
    from (select event_ids from audit_seals where tenant_id = ${tenantId} and number = ${next.seal}) s
    cross join unnest(s.event_ids) with ordinality p (event_id, place)
    join audit_events e on e.tenant_id = ${tenantId} and e.id = p.event_id
    left join audit_values v on v.tenant_id = ${tenantId} and v.event_id = e.id
    where p.place > ${begun} order by p.place limit ${limit}`)
  return { ...next, entries }
}
