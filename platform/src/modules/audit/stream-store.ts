import type { Ctx } from '#kernel/context'
import { pageSql } from '#kernel/database/page'
import type { Outbox, Session } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'
import type { Page } from '#kernel/operation'
import { withConnection, within } from '#kernel/outbox/outbox-connection'
import type { Chain } from './chain.ts'

/** The SQL of streams: in the control database, beside the heads of every tenant's chains. */

export interface StreamName {
  readonly tenantId: string
  readonly id: string
}

/** As people see it. */
export interface StreamRecord {
  id: string
  name: string
  url: string
  format: 'jsonl' | 'cloudevents'
  state: 'active' | 'paused'
  waiting: number
  failures: number
  lastError: string | null
  attemptedAt: string | null
  deliveredAt: string | null
  nextAttemptAt: string | null
  testAskedAt: string | null
  testedAt: string | null
  testError: string | null
  createdAt: string
  version: number
}

/** As it is delivered. */
export interface LeasedStream
  extends StreamName,
    Pick<StreamRecord, 'url' | 'format' | 'state' | 'failures' | 'testAskedAt'> {
  /** Sealed. */
  readonly secret: string
  readonly cellSeal: number
  readonly cellEvents: number
  readonly controlSeal: number
  readonly controlEvents: number
}

/** How far a stream has come in one chain: the last seal that was delivered whole, and how many events of the next were. */
export interface StreamPosition {
  readonly seal: number
  readonly events: number
}

/** Longer than one request may take, and all that is done around it. */
const leaseSeconds = 60

const columns = sql`id, name, url, format, state, failures, last_error, attempted_at, delivered_at,
  case when failures > 0 then due_at end as next_attempt_at, test_asked_at, tested_at, test_error, created_at, version,
  (greatest(0, (select coalesce(max(number), 0) from audit_heads h where h.tenant_id = audit_streams.tenant_id) - cell_seal)
    + greatest(0, (select coalesce(max(number), 0) from audit_seals s where s.tenant_id = audit_streams.tenant_id)
      - control_seal))::int as waiting`

export async function listStreams(ctx: Ctx, page: Page): Promise<StreamRecord[]> {
  return ctx.db.all(sql`select ${columns} from audit_streams where tenant_id = ${ctx.tenant.id}
    ${pageSql(page, { createdAt: 'created_at', name: 'name' })}`)
}

/** Locked until the commit. */
export async function findStream(ctx: Ctx, id: string): Promise<StreamRecord | undefined> {
  return ctx.db.first(
    sql`select ${columns} from audit_streams where tenant_id = ${ctx.tenant.id} and id = ${id} for update`,
  )
}

export async function countStreams(ctx: Ctx): Promise<number> {
  // Whoever adds one at the same moment waits: the count holds until the commit.
  await ctx.db.all(sql`select pg_advisory_xact_lock(hashtextextended(${`audit streams of ${ctx.tenant.id}`}, 0))`)
  const row = await ctx.db.first<{ streams: number }>(
    sql`select count(*)::int as streams from audit_streams where tenant_id = ${ctx.tenant.id}`,
  )
  return row?.streams ?? 0
}

export interface NewStream {
  readonly id: string
  readonly name: string
  readonly url: string
  readonly format: StreamRecord['format']
  readonly secret: string
  /** Whether it begins behind what is sealed by now. */
  readonly fromNow: boolean
}

export async function insertStream(ctx: Ctx, stream: NewStream): Promise<StreamRecord> {
  const { id, name, url, format, secret, fromNow } = stream
  const tenantId = ctx.tenant.id
  const [record] = await ctx.db.all<StreamRecord>(sql`
    insert into audit_streams (tenant_id, id, name, url, format, secret, state, cell_seal, control_seal, created_at)
    values (${tenantId}, ${id}, ${name}, ${url}, ${format}, ${secret}, 'active',
      case when ${fromNow} then (select coalesce(max(number), 0) from audit_heads where tenant_id = ${tenantId}) else 0 end,
      case when ${fromNow} then (select coalesce(max(number), 0) from audit_seals where tenant_id = ${tenantId}) else 0 end,
      ${ctx.now})
    returning ${columns}`)
  return record as StreamRecord
}

/** What it has failed with belongs to where it led before. */
export async function writeStream(
  ctx: Ctx,
  id: string,
  { name, url, format }: Pick<StreamRecord, 'name' | 'url' | 'format'>,
): Promise<StreamRecord | undefined> {
  return ctx.db.first(sql`update audit_streams set name = ${name}, url = ${url}, format = ${format}, due_at = now(),
      failures = case when url = ${url} then failures else 0 end,
      last_error = case when url = ${url} then last_error end, version = version + 1
    where tenant_id = ${ctx.tenant.id} and id = ${id} returning ${columns}`)
}

/** Whoever lets it go on is not made to wait for the next attempt. */
export async function writeState(
  ctx: Ctx,
  id: string,
  state: StreamRecord['state'],
): Promise<StreamRecord | undefined> {
  return ctx.db.first(sql`update audit_streams set state = ${state}, due_at = now(), version = version + 1
    where tenant_id = ${ctx.tenant.id} and id = ${id} returning ${columns}`)
}

export async function writeSecret(ctx: Ctx, id: string, secret: string): Promise<StreamRecord | undefined> {
  return ctx.db.first(sql`update audit_streams set secret = ${secret}, due_at = now(), version = version + 1
    where tenant_id = ${ctx.tenant.id} and id = ${id} returning ${columns}`)
}

export async function askForTest(ctx: Ctx, id: string): Promise<StreamRecord | undefined> {
  return ctx.db.first(sql`update audit_streams set test_asked_at = ${ctx.now}, tested_at = null, test_error = null
    where tenant_id = ${ctx.tenant.id} and id = ${id} returning ${columns}`)
}

export async function deleteStream(ctx: Ctx, id: string): Promise<StreamRecord | undefined> {
  return ctx.db.first(
    sql`delete from audit_streams where tenant_id = ${ctx.tenant.id} and id = ${id} returning ${columns}`,
  )
}

/** The platform's own, as it is configured. Where it leads elsewhere it goes on behind what was delivered. */
export async function keepStream(
  db: Session,
  { tenantId, id }: StreamName,
  { name, url, format, secret }: Omit<NewStream, 'id' | 'fromNow'>,
): Promise<void> {
  await db.change(sql`
    insert into audit_streams (tenant_id, id, name, url, format, secret, state, created_at)
    values (${tenantId}, ${id}, ${name}, ${url}, ${format}, ${secret}, 'active', now())
    on conflict (tenant_id, id) do update set name = excluded.name, url = excluded.url, format = excluded.format,
      secret = excluded.secret, state = 'active', due_at = now()`)
}

export async function pauseStream(db: Session, { tenantId, id }: StreamName): Promise<void> {
  await db.change(sql`update audit_streams set state = 'paused' where tenant_id = ${tenantId} and id = ${id}`)
}

/**
 * Streams that have something to send, and that nobody is at; those that failed last apart from the others. As the relay's
 * role sees them: of all tenants, but not where they lead.
 */
export async function dueStreams(
  control: Outbox,
  { failing, limit }: { failing: boolean; limit: number },
): Promise<StreamName[]> {
  const due = sql`select tenant_id, id from audit_streams s
    where (failures > 0) = ${failing} and (leased_until is null or leased_until < now())
      and (test_asked_at is not null or state = 'active' and due_at <= now() and (
        exists (select from audit_heads h where h.tenant_id = s.tenant_id and h.number > s.cell_seal)
        or exists (select from audit_seals c where c.tenant_id = s.tenant_id and c.number > s.control_seal)))
    order by due_at limit ${limit}`
  const replies = await withConnection(control.database, (connection) => connection.send(within(control, due)))
  return (replies.at(-1)?.rows ?? []) as unknown as StreamName[]
}

/** Undefined when somebody else was quicker. */
export async function leaseStream(db: Session, stream: StreamName, lease: string): Promise<LeasedStream | undefined> {
  const { tenantId, id } = stream
  return db.first(sql`update audit_streams set lease = ${lease}, leased_until = now() + ${leaseSeconds} * interval '1 s'
    where tenant_id = ${tenantId} and id = ${id} and (leased_until is null or leased_until < now())
    returning tenant_id, id, url, format, secret, state, failures, test_asked_at, cell_seal, cell_events, control_seal,
      control_events`)
}

/** Moves on behind what was accepted, and keeps the lease. Undefined when the lease is somebody else's by now. */
export async function advanceStream(
  db: Session,
  { tenantId, id }: StreamName,
  lease: string,
  kind: Chain['kind'],
  { seal, events }: StreamPosition,
): Promise<Pick<LeasedStream, 'state'> | undefined> {
  const position =
    kind === 'cell'
      ? sql`cell_seal = ${seal}, cell_events = ${events}`
      : sql`control_seal = ${seal}, control_events = ${events}`
  return db.first(sql`update audit_streams set ${position}, leased_until = now() + ${leaseSeconds} * interval '1 s',
      failures = 0, last_error = null, attempted_at = now(), delivered_at = now()
    where tenant_id = ${tenantId} and id = ${id} and lease = ${lease} returning state`)
}

/** What kept it from being delivered; `isTheirs`: whoever should have taken it. Else it is tried again and counted nowhere. */
export async function postponeStream(
  db: Session,
  { tenantId, id }: StreamName,
  lease: string,
  { error, isTheirs, waitMs }: { error: string; isTheirs: boolean; waitMs: number },
): Promise<void> {
  const health = isTheirs ? sql`failures = failures + 1, last_error = ${error}, attempted_at = now(),` : sql``
  await db.change(sql`update audit_streams set ${health} due_at = now() + ${Math.round(waitMs)} * interval '1 ms'
    where tenant_id = ${tenantId} and id = ${id} and lease = ${lease}`)
}

export async function noteTest(
  db: Session,
  { tenantId, id }: StreamName,
  lease: string,
  error: string | null,
): Promise<void> {
  await db.change(sql`update audit_streams set test_asked_at = null, tested_at = now(), test_error = ${error}
    where tenant_id = ${tenantId} and id = ${id} and lease = ${lease}`)
}

export async function releaseStream(db: Session, { tenantId, id }: StreamName, lease: string): Promise<void> {
  await db.change(sql`update audit_streams set lease = null, leased_until = null
    where tenant_id = ${tenantId} and id = ${id} and lease = ${lease}`)
}
