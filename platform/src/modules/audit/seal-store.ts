import type { Outbox, Session } from '#kernel/database/session'
import { raw, sql } from '#kernel/database/statement'
import { withConnection, within } from '#kernel/outbox/outbox-connection'
import type { Anchor } from './anchor.ts'
import type { CoveredEvent } from './chain.ts'

/** The SQL of chains of seals: the same statements in a cell and in the control database. */

export interface Seal {
  readonly number: number
  readonly eventIds: readonly string[]
  readonly complete: boolean
  readonly digest: Buffer
  readonly signature: Buffer
  readonly sealedAt: string
}

/** A seal's number, digest and signature, as the other database keeps them. */
export type Head = Pick<Seal, 'number' | 'digest' | 'signature'>

/** An event with its values; `salt` is null once they are erased. */
export interface EventWithValues extends CoveredEvent {
  readonly salt: Buffer | null
  readonly actorName: string | null
  readonly address: string | null
  readonly before: string | null
  readonly after: string | null
}

const coveredColumns = raw(`e.id, e.at, e.event, e.operation, e.via, e.actor_kind, e.actor_id, e.resource_kind,
  e.resource_id, e.request_id, e.values_digest, e.changed, e.on_behalf_of`)

/** Until the end of the transaction; false when somebody else is at this chain. */
export async function lockChain(db: Session, tenantId: string): Promise<boolean> {
  const key = `audit chain of ${tenantId}`
  const row = await db.first<{ got: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtextextended(${key}, 0)) as got`,
  )
  return row?.got ?? false
}

export async function lastSeal(db: Session, tenantId: string): Promise<Head | undefined> {
  return db.first(sql`select number, digest, signature from audit_seals where tenant_id = ${tenantId}
    order by number desc limit 1`)
}

/** What was recorded before there were seals waits from now on, too. */
export async function noteEarlierEvents(db: Session, tenantId: string): Promise<void> {
  await db.change(sql`insert into audit_unsealed (tenant_id, event_id)
    select tenant_id, id from audit_events where tenant_id = ${tenantId} on conflict do nothing`)
}

/** The first of those that wait, by their ids, which begin with the time, in the order of time. */
export async function unsealedEvents(db: Session, tenantId: string, limit: number): Promise<CoveredEvent[]> {
  return db.all(sql`select ${coveredColumns}
    from (select event_id from audit_unsealed where tenant_id = ${tenantId} order by event_id limit ${limit}) u
    join audit_events e on e.tenant_id = ${tenantId} and e.id = u.event_id order by e.at, e.id`)
}

/** Keeps a seal, and takes its events from those that wait. */
export async function insertSeal(db: Session, tenantId: string, seal: Seal): Promise<void> {
  const { number, eventIds, complete, digest, signature, sealedAt } = seal
  await db.change(sql`
    with sealed as (
      insert into audit_seals (tenant_id, number, event_ids, complete, digest, signature, sealed_at)
      values (${tenantId}, ${number}, ${eventIds}::uuid[], ${complete}, ${digest}, ${signature}, ${sealedAt})
    )
    delete from audit_unsealed where tenant_id = ${tenantId} and event_id = any(${eventIds}::uuid[])`)
}

export async function sealsAfter(db: Session, tenantId: string, number: number, limit: number): Promise<Seal[]> {
  return db.all(sql`select number, event_ids, complete, digest, signature, sealed_at from audit_seals
    where tenant_id = ${tenantId} and number > ${number} order by number limit ${limit}`)
}

export async function eventsWithValues(
  db: Session,
  tenantId: string,
  ids: readonly string[],
): Promise<EventWithValues[]> {
  return db.all(sql`select ${coveredColumns}, v.salt, v.actor_name, v.address, v.before::text as before, v.after::text as after
    from audit_events e left join audit_values v on v.tenant_id = e.tenant_id and v.event_id = e.id
    where e.tenant_id = ${tenantId} and e.id = any(${ids}::uuid[])`)
}

/** Events that are neither sealed nor wait for it, the first few. */
export async function strayEvents(db: Session, tenantId: string, limit: number): Promise<string[]> {
  const rows = await db.all<{ id: string }>(sql`
    select id from audit_events where tenant_id = ${tenantId}
    except (select unnest(event_ids) from audit_seals where tenant_id = ${tenantId}
      union all select event_id from audit_unsealed where tenant_id = ${tenantId})
    limit ${limit}`)
  return rows.map(({ id }) => id)
}

/** Of events that wait: how many there are, and the first few that are not there any more. */
export async function waitingEvents(
  db: Session,
  tenantId: string,
  limit: number,
): Promise<{ waiting: number; gone: string[] }> {
  const gone = await db.all<{ eventId: string }>(sql`select event_id from audit_unsealed u where tenant_id = ${tenantId}
    and not exists (select from audit_events where tenant_id = ${tenantId} and id = u.event_id) limit ${limit}`)
  const counted = await db.first<{ waiting: number }>(
    sql`select count(*)::int as waiting from audit_unsealed where tenant_id = ${tenantId}`,
  )
  return { waiting: counted?.waiting ?? 0, gone: gone.map(({ eventId }) => eventId) }
}

export async function countEvents(db: Session, tenantId: string): Promise<number> {
  const counted = sql`select count(*)::int as events from audit_events where tenant_id = ${tenantId}`
  return (await db.first<{ events: number }>(counted))?.events ?? 0
}

/** What stands for the beginning of the chain that retention has removed. */
export async function lastAnchor(db: Session, tenantId: string): Promise<Anchor | undefined> {
  return db.first(sql`select number, digest, events, removed_at, signature from audit_anchors where tenant_id = ${tenantId}
    order by number desc limit 1`)
}

/** Heads of the tenant's other chain, in order. */
export async function headsAfter(db: Session, tenantId: string, number: number, limit: number): Promise<Head[]> {
  return db.all(sql`select number, digest, signature from audit_heads
    where tenant_id = ${tenantId} and number > ${number} order by number limit ${limit}`)
}

export async function lastHeadNumber(db: Session, tenantId: string): Promise<number> {
  const found = sql`select number from audit_heads where tenant_id = ${tenantId} order by number desc limit 1`
  return (await db.first<{ number: number }>(found))?.number ?? 0
}

/** One that is there already stays as it is: a chain that was made anew does not match it. */
export async function insertHeads(db: Session, tenantId: string, heads: readonly Head[]): Promise<void> {
  const hex = (field: 'digest' | 'signature') => heads.map((head) => head[field].toString('hex'))
  await db.change(sql`insert into audit_heads (tenant_id, number, digest, signature)
    select ${tenantId}, number, decode(digest, 'hex'), decode(signature, 'hex')
    from unnest(${heads.map(({ number }) => number)}::bigint[], ${hex('digest')}::text[], ${hex('signature')}::text[])
      as h (number, digest, signature)
    on conflict do nothing`)
}

/** Tenants after `last` in a shared place whose events wait, in order, as the relay's role sees them. */
export async function tenantsWithUnsealed(outbox: Outbox, last: string | undefined, limit: number): Promise<string[]> {
  const found = sql`select distinct tenant_id from audit_unsealed
    where tenant_id > ${last ?? null} or ${last ?? null}::uuid is null order by tenant_id limit ${limit}`
  const replies = await withConnection(outbox.database, (connection) => connection.send(within(outbox, found)))
  const rows = (replies.at(-1)?.rows ?? []) as { tenantId: string }[]
  return rows.map(({ tenantId }) => tenantId)
}
