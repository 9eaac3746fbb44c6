import type { Outbox, Target } from '../database/session.ts'
import { noTenant } from '../database/signed-context.ts'
import { sql, statementOf } from '../database/statement.ts'
import { withConnection, within } from './outbox-connection.ts'

/** A message of an outbox, by what it says of itself. */
export interface OutboxMessage {
  readonly id: string
  /** Null for what belongs to no tenant. */
  readonly tenantId: string | null
  readonly kind: 'event' | 'job'
  /** Of the event or the job. */
  readonly name: string
  /** The outbox: `control`, `pool of main`, or the schema or database of a tenant. */
  readonly place: string
}

/** One that has failed so often that the relay leaves it alone. */
export interface GivenUpMessage extends OutboxMessage {
  readonly attempts: number
  /** What the last attempt failed with. */
  readonly error: string | null
  /** ISO 8601 */
  readonly failedAt: string
}

const listedMax = 1_000

const described = ({ name }: Outbox) =>
  sql`id, nullif(tenant_id, ${noTenant}::uuid) as tenant_id, kind, name, ${name}::text as place`

/** What was given up in one outbox, the oldest first, at most 1,000. */
export async function givenUpIn(outbox: Outbox): Promise<GivenUpMessage[]> {
  const found = sql`select ${described(outbox)}, attempts, last_error as error, failed_at from outbox
    where failed_at is not null and done_at is null order by failed_at, id limit ${listedMax}`
  const replies = await withConnection(outbox.database, (connection) => connection.send(within(outbox, found)))
  return (replies.at(-1)?.rows ?? []) as unknown as GivenUpMessage[]
}

/**
 * Lets the relay try a message again that was given up, from the first attempt on. Undefined, and nothing has changed, when
 * there is none such: because somebody else was quicker, or it is elsewhere. Handlers that had done their part before do it
 * no second time: each has a row in the inbox.
 */
export async function repeatIn(
  { database, outbox }: Target,
  { id, tenantId }: Pick<OutboxMessage, 'id' | 'tenantId'>,
): Promise<OutboxMessage | undefined> {
  const repeated = sql`update outbox set failed_at = null, attempts = 0, available_at = now()
    where tenant_id = ${tenantId ?? noTenant} and id = ${id} and failed_at is not null and done_at is null
    returning ${described(outbox)}`
  const replies = await withConnection(outbox.database, (connection) => connection.send(within(outbox, repeated)))
  const message = replies.at(-1)?.rows[0] as unknown as OutboxMessage | undefined
  const { schema } = outbox
  if (message && schema !== undefined) {
    // The relay's role hears bells and cannot ring them.
    await withConnection(database, (connection) => connection.send([statementOf(sql`select tenancy.ring(${schema})`)]))
  }
  return message
}
