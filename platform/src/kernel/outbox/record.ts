import { hash, randomBytes } from 'node:crypto'
import type { Actor, Change, Via } from '../context.ts'
import { namedFor, type Target } from '../database/session.ts'
import { type Statement, sql, statementOf } from '../database/statement.ts'
import { newId } from '../id.ts'
import type { EventKind } from '../operation.ts'

/** Under which circumstances something was recorded or enqueued. */
export interface Circumstances {
  readonly tenantId: string
  readonly actor: Actor
  readonly via: Via
  readonly operation: string
  readonly requestId: string
  readonly address: string | undefined
  readonly now: string
}

/** One row for the outbox, and for an event the audit rows that go with it. */
export interface Entry {
  readonly id: string
  /** Whether the relay has something to do with it. */
  readonly waits: boolean
  readonly statement: Statement
}

/**
 * The audit row, its values and the outbox row of one event, in one statement. The values are digested with a salt and
 * kept in a table of their own, so that erasing them later leaves the audit row, and any chain over it, as it was.
 * A message that nobody listens to is done from the start: to carry it costs a third of the CPU time of a short write.
 */
export function eventEntry(event: EventKind, change: Change, circumstances: Circumstances, listened: boolean): Entry {
  const id = newId()
  const { tenantId, actor, via, operation, requestId, address = null, now } = circumstances
  const by = recordedAs(actor)
  const resourceId = resourceIdOf(change)
  const before = change.before ? JSON.stringify(change.before) : null
  const after = change.after ? JSON.stringify(change.after) : null
  const salt = randomBytes(16)
  const payload = JSON.stringify({ resourceId, version: event.version, data: carried(event, change) })
  const statement = statementOf(sql`
    with happened as (
      insert into audit_events (tenant_id, id, at, event, operation, via, actor_kind, actor_id, on_behalf_of, resource_kind,
        resource_id, request_id, values_digest, changed)
      values (${tenantId}, ${id}, ${now}, ${event.name}, ${operation}, ${via}, ${by.kind}, ${by.id}, ${by.onBehalfOf},
        ${event.resource}, ${resourceId}, ${requestId},
        ${valuesDigest({ salt, actorName: by.name, address, before, after })}, ${changedFields(change)})
    ), kept as (
      insert into audit_values (tenant_id, event_id, salt, actor_name, address, before, after)
      values (${tenantId}, ${id}, ${salt}, ${by.name}, ${address}, ${before}, ${after})
    )
    insert into outbox (tenant_id, id, kind, name, payload, actor_kind, actor_id, on_behalf_of, request_id, created_at,
      available_at, done_at)
    values (${tenantId}, ${id}, 'event', ${event.name}, ${payload}, ${by.kind}, ${by.id}, ${by.onBehalfOf}, ${requestId},
      ${now}, now(), ${listened ? null : now})`)
  return { id, waits: listened, statement }
}

/** In a support session both are on record: who of the staff acted, and as which member. */
function recordedAs({ kind, id, name, support }: Actor): RecordedActor & { name: string } {
  if (!support) return { kind, id, name, onBehalfOf: null }
  return { kind: 'support', id: support.staffId, name: support.staffName, onBehalfOf: id }
}

export interface RecordedActor {
  readonly kind: Actor['kind'] | 'support'
  readonly id: string
  readonly onBehalfOf: string | null
}

/** Whose message is carried on: what follows from it is recorded as theirs. */
export function actorRecordedAs({ kind, id, onBehalfOf }: RecordedActor): Actor {
  if (kind !== 'support') return { kind, id, name: '' }
  const support = { sessionId: '', staffId: id, staffName: '', mayWrite: true }
  return { kind: 'person', id: onBehalfOf ?? id, name: '', support }
}

/** The outbox row of one job. Under an id that is there already nothing is added. */
export function jobEntry(
  job: { name: string },
  payload: object,
  circumstances: Pick<Circumstances, 'tenantId' | 'actor' | 'requestId' | 'now'>,
  id = newId(),
): Entry {
  const { tenantId, actor, requestId, now } = circumstances
  const by = recordedAs(actor)
  const statement = statementOf(sql`
    insert into outbox (tenant_id, id, kind, name, payload, actor_kind, actor_id, on_behalf_of, request_id, created_at,
      available_at)
    values (${tenantId}, ${id}, 'job', ${job.name}, ${JSON.stringify(payload)}, ${by.kind}, ${by.id}, ${by.onBehalfOf},
      ${requestId}, ${now}, now())
    on conflict do nothing`)
  return { id, waits: true, statement }
}

/** What goes with the commit. A bridge schema rings when something waits in it: nobody looks into a thousand of them. */
export function statementsOf(entries: readonly Entry[], { schema }: Target): Statement[] {
  const statements = entries.map((entry) => namedFor(schema, entry.statement))
  return schema !== undefined && entries.some(({ waits }) => waits)
    ? [...statements, statementOf(sql`select tenancy.ring(${schema})`)]
    : statements
}

/** What `audit_events.values_digest` covers: the salt and every value, each ended by NUL, which no text column can hold. */
export function valuesDigest(values: {
  salt: Buffer
  actorName: string | null
  address: string | null
  before: string | null
  after: string | null
}): Buffer {
  const { salt, ...texts } = values
  const text = [texts.actorName, texts.address, texts.before, texts.after].map((value) => `${value ?? ''}\0`).join('')
  return hash('sha256', Buffer.concat([salt, Buffer.from(text)]), 'buffer')
}

function resourceIdOf({ resourceId, before, after }: Change): string {
  const id = resourceId ?? idOf(after) ?? idOf(before)
  if (typeof id !== 'string') throw new Error('a recorded change needs the id of its resource')
  return id
}

/** Fields that differ; null for what was created or is gone. */
function changedFields({ before, after }: Change): string[] | null {
  if (!before || !after) return null
  const [old, now] = [before as Record<string, unknown>, after as Record<string, unknown>]
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])]
  return names.filter((name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]))
}

function idOf(record: object | undefined): unknown {
  return record && 'id' in record ? record.id : undefined
}

function carried(event: EventKind, { before, after }: Change): Record<string, unknown> {
  const record = (after ?? before ?? {}) as Record<string, unknown>
  return Object.fromEntries(event.carries.map((field) => [field, record[field] ?? null]))
}
