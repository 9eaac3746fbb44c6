import { setTimeout as wait } from 'node:timers/promises'
import { noAccess } from '../access/access.ts'
import type { Actor, Tenant, TenantState } from '../context.ts'
import type { Database } from '../database/database.ts'
import type { DatabaseTime } from '../database/database-time.ts'
import { isUnavailable } from '../database/server-error.ts'
import { type Outbox, type Target, Transaction } from '../database/session.ts'
import { noTenant, systemActor } from '../database/signed-context.ts'
import { type Sql, type Statement, sql } from '../database/statement.ts'
import { Failure } from '../errors/failure.ts'
import { tenantOutsideRegion, tenantUnreachable } from '../errors/platform-failures.ts'
import { idNamed } from '../id.ts'
import type { Log } from '../observe/log.ts'
import type { JobKind, Listener, TargetKind } from '../operation.ts'
import { OperationContext } from '../operation-context.ts'
import type { Gates, Relay, Targets } from '../pipeline-parts.ts'
import type { Ports } from '../port.ts'
import { Lane } from './lane.ts'
import { withConnection, within } from './outbox-connection.ts'
import { actorRecordedAs, jobEntry, type RecordedActor, statementsOf } from './record.ts'

export interface RelayParts {
  readonly gates: Gates
  readonly targets: Targets
  readonly jobs: readonly JobKind[]
  readonly listeners: readonly Listener[]
  /** The outboxes to look into every second, nudged or not. */
  readonly outboxes: () => readonly Outbox[]
  /** Those that have asked to be looked into. */
  readonly rungOutboxes: () => Promise<readonly Outbox[]>
  readonly ports: Ports
  /** Where the time of jobs and listeners is counted, by their names. */
  readonly databaseTime: DatabaseTime
  readonly log: Log
  readonly now: () => Date
}

/** A lost nudge, or a commit of another process, is noticed after this long. */
const sweepEveryMs = 1_000
const handlerTimeoutMs = 10_000
const attemptsMax = 12
/** How long the work of a tenant that is closed rests before anybody looks again whether it is open. */
const closedRestMs = 10_000
const closedStates: ReadonlySet<TenantState> = new Set(['suspended', 'cancelled', 'purged'])

interface Message {
  readonly tenantId: string
  readonly id: string
  readonly kind: 'event' | 'job'
  readonly name: string
  readonly payload: { resourceId: string; data: Record<string, unknown> }
  readonly actorKind: RecordedActor['kind']
  readonly onBehalfOf: string | null
  readonly actorId: string
  readonly requestId: string
  readonly attempts: number
}

/**
 * Carries outbox rows to their handlers: claims one (FOR UPDATE SKIP LOCKED, so that processes share the work and a
 * dead one's rows are free at once), runs every handler of it in a transaction that also writes its inbox row, and
 * marks it done. A handler's effects in the database happen once; its effects outside at least once.
 */
export class OutboxRelay implements Relay {
  readonly #parts: RelayParts
  readonly #handlers = new Map<string, readonly Handler[]>()
  readonly #lanes = new Map<Database, Lane>()
  #plannedDay: string | undefined
  #sweeper: NodeJS.Timeout | undefined
  #sweeping: Promise<void> | undefined
  #stopping = false

  constructor(parts: RelayParts) {
    this.#parts = parts
    for (const job of parts.jobs) this.#handlers.set(`job ${job.name}`, [jobHandler(job)])
    for (const event of parts.listeners.flatMap((listener) => listener.on)) {
      const handlers = parts.listeners
        .filter((each) => each.on.includes(event))
        .map((each) => listenerHandler(each, event))
      this.#handlers.set(`event ${event}`, handlers)
    }
  }

  start(): void {
    const sweep = () => {
      void this.#planDay()
      void this.#sweep()
    }
    sweep()
    this.#sweeper = setInterval(sweep, sweepEveryMs)
    this.#sweeper.unref()
  }

  /** Takes no new rows, and waits for those in hand. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearInterval(this.#sweeper)
    await Promise.all([this.#sweeping, ...[...this.#lanes.values()].map((lane) => lane.stop())])
  }

  async #sweep(): Promise<void> {
    this.#parts.outboxes().forEach((outbox) => this.#drain(outbox))
    this.#sweeping ??= this.#parts.rungOutboxes().then(
      (outboxes) => outboxes.forEach((outbox) => this.#drain(outbox)),
      (error: unknown) =>
        this.#parts.log.warn({ error }, 'the relay could not see which tenants have something waiting'),
    )
    await this.#sweeping
    this.#sweeping = undefined
  }

  hears(event: string): boolean {
    return this.#handlers.has(`event ${event}`)
  }

  nudge({ outbox }: Target): void {
    if (this.#sweeper) this.#drain(outbox)
  }

  async handled({ outbox }: Target, messageIds: readonly string[], timeoutMs: number): Promise<void> {
    const giveUpAtMs = performance.now() + timeoutMs
    const waiting = within(
      outbox,
      sql`select id from outbox where id = any(${messageIds}) and done_at is null and failed_at is null limit 1`,
    )
    for (let pauseMs = 5; performance.now() < giveUpAtMs; pauseMs = Math.min(pauseMs * 2, 100)) {
      const replies = await withConnection(outbox.database, (connection) => connection.send(waiting))
      if (replies.at(-1)?.rows.length === 0) return
      await wait(pauseMs)
    }
  }

  /** Enqueues the daily jobs of a day that has begun. All processes give the job the same id, so it is there once. */
  async #planDay(): Promise<void> {
    const { jobs, targets, now, log } = this.#parts
    const instant = now().toISOString()
    const day = instant.slice(0, 10)
    if (this.#plannedDay === day) return
    this.#plannedDay = day
    try {
      for (const job of jobs.filter(({ daily }) => daily)) {
        const identity = { tenantId: noTenant, actorId: systemActor }
        const actor: Actor = { kind: 'system', id: systemActor, name: '' }
        const circumstances = { tenantId: noTenant, actor, requestId: `daily ${day}`, now: instant }
        const target = targets.of(job.target, undefined)
        const transaction = new Transaction({ target, identity, deadlineMs: performance.now() + handlerTimeoutMs })
        const { statement } = jobEntry(job, {}, circumstances, idNamed(`${job.name} ${day}`))
        try {
          await transaction.commit([statement])
        } catch (error) {
          await transaction.rollback()
          throw error
        }
        this.nudge(target)
      }
    } catch (error) {
      this.#plannedDay = undefined
      log.warn({ error, day }, 'the daily jobs could not be enqueued yet')
    }
  }

  /** Works until the outbox is empty. */
  #drain(outbox: Outbox): void {
    if (this.#stopping) return
    const lane = this.#lanes.get(outbox.database) ?? this.#newLane(outbox.database)
    lane.add(outbox)
  }

  /** It is there for as long as something waits: after that the database of a silo may be dropped. */
  #newLane(database: Database): Lane {
    const lane = new Lane({
      carryOne: (next) => this.#carryOne(next),
      idle: () => this.#lanes.delete(database),
      log: this.#parts.log,
    })
    this.#lanes.set(database, lane)
    return lane
  }

  /** Carries one message to its end, and says before that whether there may be more. */
  async #carryOne(outbox: Outbox): Promise<void> {
    await withConnection(outbox.database, async (connection) => {
      const replies = await connection.send([begin, ...within(outbox, claimSql)])
      const message = replies.at(-1)?.rows[0] as Message | undefined
      if (!message) {
        await connection.send([...(outbox.rung === undefined ? [] : within(outbox, silenceSql(outbox))), commit])
        return
      }
      this.#drain(outbox)
      const outcome = await this.#handle(message).then(
        (end) => (end === 'rests' ? restSql(message) : doneSql(message, this.#isSecret(message))),
        (error: Error) => this.#failedSql(message, error),
      )
      await connection.send([...within(outbox, outcome).slice(-1), commit])
    })
  }

  #isSecret(message: Message): boolean {
    return message.kind === 'job' && this.#parts.jobs.some((job) => job.name === message.name && job.secret)
  }

  #failedSql(message: Message, error: Error): Sql {
    const attempts = message.attempts + 1
    const isLong = attempts >= attemptsMax
    // A region may be away for a day: that must not cost a tenant its founding, nor leave what was to be erased.
    const gaveUp = isLong && !isAway(error)
    const fields = {
      error,
      message_id: message.id,
      name: message.name,
      tenant_id: message.tenantId,
      attempts,
      alert: isLong,
    }
    this.#parts.log.error(fields, gaveUp ? 'a message was given up' : 'a message will be tried again')
    // 1 s, 2 s, 4 s … 17 min, each up to a fifth longer, so that messages that failed together do not return together.
    const delayMs = 1_000 * 2 ** Math.min(attempts - 1, 10) * (1 + Math.random() / 5)
    return sql`update outbox set attempts = ${attempts}, last_error = ${error.message.slice(0, 2_000)},
      failed_at = case when ${gaveUp} then now() end, available_at = now() + ${Math.round(delayMs)} * interval '1 ms'
      where tenant_id = ${message.tenantId} and id = ${message.id}`
  }

  /** `rests`: its tenant is closed or behind this release at the moment, and nothing was done. */
  async #handle(message: Message): Promise<'done' | 'rests'> {
    const handlers = this.#handlers.get(`${message.kind} ${message.name}`)
    if (!handlers) {
      // An event nobody listens to is done; a job without a handler belongs to another release.
      if (message.kind === 'event') return 'done'
      throw new Error(`no handler for job ${message.name}`)
    }
    const tenant = message.tenantId === noTenant ? undefined : await this.#parts.gates.tenantOf(message.tenantId)
    const isClosed = tenant !== undefined && closedStates.has(tenant.state)
    if (isClosed && !handlers.every(({ alsoIn }) => alsoIn.includes(tenant.state))) return 'rests'
    const needsPlace = handlers.some(({ target }) => target === 'tenant')
    if (needsPlace && tenant && tenant.placement.model !== 'pool' && (await this.#parts.gates.isBehind(tenant)))
      return 'rests'
    for (const handler of handlers) await this.#runOnce(handler, message, tenant)
    return 'done'
  }

  async #runOnce(handler: Handler, message: Message, tenant: Tenant | undefined): Promise<void> {
    const { targets, ports, databaseTime, now, log } = this.#parts
    const { actorKind: kind, actorId: id, onBehalfOf } = message
    const actor = actorRecordedAs({ kind, id, onBehalfOf })
    const identity = { tenantId: message.tenantId, actorId: actor.id }
    const deadlineMs = performance.now() + handlerTimeoutMs
    const target = targets.of(handler.target, tenant)
    const spent = { databaseMs: 0 }
    const transaction = new Transaction({ target, identity, deadlineMs, spent })
    const context = new OperationContext({
      operation: handler.name,
      actor,
      tenant,
      permission: '',
      access: noAccess,
      resources: new Map(),
      call: {
        via: 'relay',
        locale: 'en',
        requestId: message.requestId,
        address: undefined,
        userAgent: undefined,
        ifMatch: undefined,
      },
      db: transaction,
      controlSession: () => ({ target: targets.of('control', tenant), identity, deadlineMs, spent }),
      now: now().toISOString(),
      hears: (event) => this.hears(event),
      ports,
      log: log.child({ request_id: message.requestId, message_id: message.id, handler: handler.name }),
    })
    try {
      const first = await transaction.change(sql`insert into inbox (tenant_id, consumer, message_id, done_at)
        values (${message.tenantId}, ${handler.name}, ${message.id}, ${context.now}) on conflict do nothing`)
      if (first === 1) await handler.run(context, message)
      await transaction.commit(statementsOf(context.entries, target))
    } catch (error) {
      await transaction.rollback()
      throw error
    } finally {
      databaseTime.add(message.tenantId, handler.name, spent.databaseMs)
    }
    if (context.accessChanged) this.#parts.gates.forget()
    if (context.entries.some(({ waits }) => waits)) this.nudge(target)
  }
}

/** Whether the place that a handler needs cannot be reached: nothing is wrong with the message. */
function isAway(error: Error): boolean {
  if (error instanceof Failure) return error.kind === tenantUnreachable || error.kind === tenantOutsideRegion
  return isUnavailable(error)
}

interface Handler {
  readonly name: string
  readonly target: TargetKind
  /** States of a tenant in which it runs although the tenant is closed. */
  readonly alsoIn: readonly TenantState[]
  run(ctx: OperationContext, message: Message): Promise<void>
}

function jobHandler(job: JobKind): Handler {
  const { name, target, alsoIn } = job
  return { name, target, alsoIn, run: (ctx, { payload }) => job.run(ctx, payload as never) }
}

function listenerHandler(listener: Listener, event: string): Handler {
  const { name, target } = listener
  return {
    name,
    target,
    alsoIn: [],
    run: (ctx, { id, payload }) => listener.run(ctx, { id, event, resourceId: payload.resourceId, data: payload.data }),
  }
}

const begin: Statement = { name: 'begin', text: 'begin', values: [] }
const commit: Statement = { name: 'commit', text: 'commit', values: [] }

const claimSql = sql`select tenant_id, id, kind, name, payload, actor_kind, actor_id, on_behalf_of, request_id, attempts from outbox
  where done_at is null and failed_at is null and available_at <= now()
  order by available_at, id limit 1 for update skip locked`

/** Nothing waits, now or later, and nobody has rung since: the schema need not be looked into any more. */
function silenceSql({ schema, rung }: Outbox): Sql {
  return sql`delete from tenancy.bells where schema_name = ${schema} and rung = ${rung}
    and not exists (select from outbox where done_at is null and failed_at is null)`
}

/** All that waits of the tenant at once: a thousand messages are not claimed one by one for nothing. It counts as no attempt. */
function restSql({ tenantId }: Message): Sql {
  return sql`update outbox set available_at = now() + ${closedRestMs} * interval '1 ms' where tenant_id = ${tenantId} and id in (
    select id from outbox where tenant_id = ${tenantId} and done_at is null and failed_at is null and available_at <= now()
    for update skip locked)`
}

function doneSql({ tenantId, id }: Message, secret: boolean): Sql {
  return sql`update outbox set done_at = now(), last_error = null,
    payload = case when ${secret} then '{}' else payload end where tenant_id = ${tenantId} and id = ${id}`
}
