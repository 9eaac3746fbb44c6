import type pg from 'pg'
import { inOwnersTransaction } from '#kernel/database/migration-transaction'
import type { MigrationTarget } from '#kernel/database/migrator'
import { withClient } from '#kernel/database/prepare'
import { systemActor } from '#kernel/database/signed-context'
import { newId } from '#kernel/id'
import { eventEntry } from '#kernel/outbox/record'
import type { Signatures } from '#kernel/signature'
import { signedAnchor } from './anchor.ts'
import type { Chain } from './chain.ts'
import { auditTrimmed } from './events.ts'

/** A chain, and how its tables are reached by their owner: nobody else may delete from them. */
export interface RetainedChain extends Omit<Chain, 'place'> {
  readonly target: MigrationTarget
}

/** Up to so many seals go at once, with up to 20,000 events: a second or two of work. */
const sealsAtOnce = 20

interface RemovedSeal {
  readonly number: string
  readonly digest: Buffer
  readonly events: number
}

/**
 * Removes the oldest seals of a chain with their events and values, as far as they were made before an instant, and leaves a
 * signed anchor in their place, all in one transaction. The newest seal stays, whatever its age: the other database has its
 * head, and so says that there is a chain. Gives the number of events; 0 when nothing was due, or somebody is at this chain.
 */
export async function trimChain(
  chain: RetainedChain,
  { before, now, signatures }: { before: string; now: string; signatures: Signatures },
): Promise<number> {
  const { target, tenantId } = chain
  return withClient(target.url, (client) =>
    inOwnersTransaction(client, target.schema, async () => {
      if (!(await enter(client, tenantId))) return 0
      const seals = await oldSeals(client, tenantId, before)
      const last = seals.at(-1)
      if (!last) return 0
      const removed = seals.reduce((sum, { events }) => sum + events, 0)
      await deleteUpTo(client, tenantId, last.number)
      const all = (await removedBefore(client, tenantId)) + removed
      const removal = { number: Number(last.number), digest: last.digest, events: all, removedAt: now }
      const { signature } = signedAnchor(chain, removal, signatures)
      await client.query(
        `insert into audit_anchors (tenant_id, number, digest, events, removed_at, signature) values ($1, $2, $3, $4, $5, $6)`,
        [tenantId, last.number, last.digest, all, now, signature],
      )
      await recordTrimmed(client, tenantId, { before, now, removed })
      return removed
    }),
  )
}

/** Deletes the heads of seals that are gone: nothing is left for them to vouch for. */
export async function trimHeads({ target, tenantId }: RetainedChain, number: number): Promise<void> {
  await withClient(target.url, (client) =>
    inOwnersTransaction(client, target.schema, async () => {
      await enter(client, tenantId)
      await client.query('delete from audit_heads where tenant_id = $1 and number <= $2', [tenantId, number])
    }),
  )
}

/** In the name of the tenant's retention: tables that are append-only let their owner delete in no other. */
async function enter(client: pg.ClientBase, tenantId: string): Promise<boolean> {
  await client.query("select set_config('app.context', $1, true)", [`retention.${tenantId}.${systemActor}`])
  const { rows } = await client.query<{ got: boolean }>(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as got',
    [`audit chain of ${tenantId}`],
  )
  return rows[0]?.got ?? false
}

/** From the oldest on, none behind one that is younger: clocks of processes differ. */
async function oldSeals(client: pg.ClientBase, tenantId: string, before: string): Promise<RemovedSeal[]> {
  const { rows } = await client.query<RemovedSeal>(
    `select number, digest, cardinality(event_ids) as events from audit_seals where tenant_id = $1
      and number < (select max(number) from audit_seals where tenant_id = $1)
      and number < coalesce((select min(number) from audit_seals where tenant_id = $1 and sealed_at >= $2), 9223372036854775807)
      order by number limit ${sealsAtOnce}`,
    [tenantId, before],
  )
  return rows
}

async function deleteUpTo(client: pg.ClientBase, tenantId: string, number: string): Promise<void> {
  const ids = 'select unnest(event_ids) from audit_seals where tenant_id = $1 and number <= $2'
  for (const text of [
    `delete from audit_values where tenant_id = $1 and event_id in (${ids})`,
    `delete from audit_events where tenant_id = $1 and id in (${ids})`,
    'delete from audit_seals where tenant_id = $1 and number <= $2',
  ])
    await client.query(text, [tenantId, number])
}

async function removedBefore(client: pg.ClientBase, tenantId: string): Promise<number> {
  const { rows } = await client.query<{ events: string }>(
    'select events from audit_anchors where tenant_id = $1 order by number desc limit 1',
    [tenantId],
  )
  return Number(rows[0]?.events ?? 0)
}

/** In the chain itself, and in the same transaction. */
async function recordTrimmed(
  client: pg.ClientBase,
  tenantId: string,
  { before, now, removed }: { before: string; now: string; removed: number },
): Promise<void> {
  const { statement } = eventEntry(
    auditTrimmed,
    { resourceId: tenantId, after: { removed, before } },
    {
      tenantId,
      actor: { kind: 'system', id: systemActor, name: '' },
      via: 'relay',
      operation: 'audit.trimCell',
      requestId: newId(),
      address: undefined,
      now,
    },
    false,
  )
  await client.query(statement.text, [...statement.values])
}
