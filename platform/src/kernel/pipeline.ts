import { type Access, noAccess, type RecordName } from './access/access.ts'
import type { Circumstances } from './access/condition.ts'
import type { Answer, Call, Credentials } from './call.ts'
import type { Actor, PlacementWish, Tenant } from './context.ts'
import { isPlaceLost } from './database/lost-place.ts'
import { isServerError, isUnavailable, sqlState } from './database/server-error.ts'
import { type Place, ReadSession, type SessionSettings, type Target, Transaction } from './database/session.ts'
import { noTenant } from './database/signed-context.ts'
import { Failure } from './errors/failure.ts'
import {
  contradictory,
  forbidden,
  idempotencyKeyMissing,
  notFound,
  preconditionMissing,
  tenantMigrating,
  tenantNotFound,
  tenantUnreachable,
  unauthenticated,
} from './errors/platform-failures.ts'
import { idNamed, newId } from './id.ts'
import type { Claim } from './idempotency/idempotency.ts'
import { instantOf } from './instant.ts'
import { type Plan, planOf } from './module.ts'
import type { Operation } from './operation.ts'
import { OperationContext } from './operation-context.ts'
import { statementsOf } from './outbox/record.ts'
import type { Ticket } from './overload/admission.ts'
import type { Pages } from './page.ts'
import type { PipelineParts } from './pipeline-parts.ts'
import { requireProof } from './sign-in-rules.ts'
import { recordSupportRead } from './support-record.ts'
import { permitSupport } from './support-session.ts'
import { serve, tenantNamed } from './tenant-entry.ts'
import { validate } from './validation.ts'

/** How long an operation without a tenant may take altogether, waiting for a connection included. */
const operationTimeoutMs = 10_000
const handlersTimeoutMs = 2_000

/** A read on a replica that stood in the way of what the primary sent (PostgreSQL, "Handling Query Conflicts"). */
const conflictWithRecovery = '40001'

const bearerRefused = { detail: 'The key or token is unknown, has expired or was revoked.' }

const nobody: Actor = { kind: 'nobody', id: noTenant, name: '' }

/** The one way in which anything is done: every surface calls `execute`, and it reads from top to bottom. */
export class Pipeline {
  readonly #parts: PipelineParts

  constructor(parts: PipelineParts) {
    this.#parts = parts
  }

  /** Carries one operation out for one caller. Throws a Failure that the caller may see, or an error that it may not. */
  async execute(operation: Operation, call: Call): Promise<Answer> {
    const { admission } = this.#parts
    const ticket = admission.enter(operation.priority)
    try {
      const answer = await this.#carryOut(operation, call, ticket)
      admission.countDone(ticket)
      return answer
    } finally {
      admission.leave(ticket)
    }
  }

  async #carryOut(operation: Operation, call: Call, ticket: Ticket): Promise<Answer> {
    const beganAtMs = performance.now()
    const actor = await this.#authenticate(operation, call.credentials)
    call.known.actorId = actor.support?.staffId ?? actor.id
    if (operation.tenantFrom) validate(operation, call.input)
    const tenant = await this.#enterTenant(operation, call, actor)
    if (tenant) call.known.tenantId = tenant.id
    const spent = { databaseMs: 0 }
    try {
      const now = instantOf(this.#parts.now())
      const access = tenant ? (await this.#accessTo(operation, tenant, actor)).at(now) : noAccess
      if (tenant) this.#parts.admission.enterTenant(ticket, tenant.id)
      if (tenant) {
        const { limits } = this.#planOf(tenant)
        const counted = this.#parts.rateLimiter.charge(operation, call, { tenant, actor, limits })
        if (counted) await counted
      }
      if (!operation.tenantFrom) validate(operation, call.input)
      const reach = permit(operation, access, { actor, address: call.address, now }, call.input)
      requireHeaders(operation, call)
      if (operation.stepUp) requireProof(actor, now)
      const deadlineMs = beganAtMs + (tenant ? this.#planOf(tenant).timeoutMs : operationTimeoutMs)
      return await this.#transact({ operation, call, actor, tenant, access, reach, now, deadlineMs, spent })
    } catch (error) {
      throw tenant && isPlaceLost(tenant, error) ? this.#placeLost(tenant, error) : error
    } finally {
      call.known.databaseMs = spent.databaseMs
      // Whoever was refused before took nothing.
      if (spent.databaseMs > 0) this.#parts.databaseTime.add(tenant?.id ?? noTenant, operation.name, spent.databaseMs)
    }
  }

  #planOf({ plan }: Tenant): Pick<Plan, 'weight' | 'timeoutMs' | 'limits'> {
    return planOf(this.#parts.plans, plan)
  }

  /** What this process remembers of the tenant is too old, or its place is being made or dropped: it looks again next time. */
  #placeLost(tenant: Tenant, cause: unknown): Failure {
    this.#parts.gates.forgetTenant(tenant)
    this.#parts.log.warn({ error: cause, tenant_id: tenant.id }, 'a tenant is not where it was')
    return new Failure(tenantUnreachable, { retryAfterSeconds: 1, cause })
  }

  async #authenticate(operation: Operation, credentials: Credentials): Promise<Actor> {
    if (credentials.sessionToken !== undefined && credentials.bearer !== undefined) throw new Failure(contradictory)
    const actor = credentials.actor ?? (await this.#parts.gates.actorOf(credentials))
    if (operation.permission === 'public') return actor ?? nobody
    if (!actor) throw new Failure(unauthenticated, credentials.bearer === undefined ? {} : bearerRefused)
    // A key belongs to a tenant and speaks for no person, so it has nothing to do outside that tenant.
    if (!needsTenant(operation) && actor.access) throw new Failure(forbidden)
    if (operation.permission === 'staff') await this.#parts.gates.requireStaff(actor)
    permitSupport(operation.support, actor)
    return actor
  }

  async #enterTenant(operation: Operation, call: Call, actor: Actor): Promise<Tenant | undefined> {
    const { tenantFrom } = operation
    if (typeof tenantFrom === 'object')
      return this.#newTenant(idOfFounded(operation, call, actor), tenantFrom.founds(call.input as never))
    if (!tenantFrom && !needsTenant(operation)) return undefined
    const reference = tenantFrom ? tenantFrom(call.input as never) : tenantNamed(call.tenant, actor)
    const tenant = reference === undefined ? undefined : await this.#parts.gates.tenantOf(reference)
    // To staff a tenant is a record like any other.
    if (!tenant) throw new Failure(operation.permission === 'staff' ? notFound : tenantNotFound)
    if (actor.tenantId !== undefined && actor.tenantId !== tenant.id) throw new Failure(contradictory)
    return tenant
  }

  /** The tenant of an operation that founds one: nothing but an id and a place until the operation has named it. */
  #newTenant(id: string, wish: PlacementWish): Tenant {
    const { targets, plans } = this.#parts
    return { id, slug: '', name: '', state: 'provisioning', plan: plans[0].key, ...targets.newPlacement(id, wish) }
  }

  async #accessTo(operation: Operation, tenant: Tenant, actor: Actor): Promise<Access> {
    if (typeof operation.tenantFrom === 'object') return noAccess
    const access = operation.tenantFrom ? noAccess : await this.#parts.gates.accessOf(tenant, actor)
    if (!access) throw new Failure(tenantNotFound)
    serve(operation, tenant)
    // What tenants share is brought to this release before anybody is served, so what stays there needs nothing else.
    const inOwnPlace = operation.target === 'tenant' && tenant.placement.model !== 'pool'
    if (inOwnPlace && (await this.#parts.gates.isBehind(tenant)))
      throw new Failure(tenantMigrating, { retryAfterSeconds: 5 })
    return access
  }

  #transact(work: Work): Promise<Answer> {
    const { operation, call, actor, tenant } = work
    const target = this.#parts.targets.of(operation.target, tenant)
    if (operation.method === 'GET')
      return call.readAfter === undefined ? this.#readFrom(target, work) : this.#read(work, target)
    const { idempotencyKey: key, input, ifMatch = null } = call
    if (key === undefined) return this.#write(work, target)
    const principalId = actor.support?.sessionId ?? actor.id
    const whose = { tenantId: tenant?.id ?? noTenant, principalId, operation: operation.name }
    const attempt = { ...whose, key, asked: { input, ifMatch } }
    return this.#parts.idempotency.alone(attempt, (claim) => this.#write(work, target, claim))
  }

  async #write(work: Work, target: Target, claim?: Claim): Promise<Answer> {
    const { operation, call, deadlineMs } = work
    const { relay } = this.#parts
    const transaction = new Transaction(this.#sessionFor(target, work))
    const context = this.#context(work, transaction)
    try {
      const before = await claim?.take(transaction)
      if (before) {
        await transaction.rollback()
        return await this.#replay(work, before)
      }
      if (work.tenant) await this.#parts.entitlements.requireRoom(operation, work.tenant, transaction)
      const output = await this.#run(work, context)
      const hasWritten = context.entries.length > 0 || (!claim && (await transaction.hasWritten()))
      if (!context.recorded && hasWritten) throw new UnrecordedWrite(operation.name)
      if (performance.now() > deadlineMs) throw new DeadlinePassed(operation.name)
      if (call.signal?.().aborted) throw new RequestAbandoned(operation.name)
      const { replicatedAs: cell } = target
      const kept = claim?.statementsWith({ output, session: context.session }, target) ?? []
      const last = [...statementsOf(context.entries, target), ...kept]
      const position = await transaction.commit(last, { position: cell !== undefined })
      if (context.accessChanged) this.#parts.gates.forget()
      if (context.entries.some(({ waits }) => waits)) relay.nudge(target)
      if (operation.replyAfter === 'handlers') {
        await relay.handled(
          target,
          context.entries.map((entry) => entry.id),
          handlersTimeoutMs,
        )
      }
      const written = await this.#writtenBy(work, cell, position)
      return { output, session: context.session, ...(written ? { written } : {}) }
    } catch (error) {
      await transaction.rollback()
      throw error
    }
  }

  /** What an earlier call with the same key was answered. By now it is in the log, too. */
  async #replay({ tenant }: Work, before: Pick<Answer, 'output' | 'session'>): Promise<Answer> {
    const written = tenant && (await this.#parts.targets.positionIn(tenant))
    return { ...before, replayed: true, ...(written ? { written } : {}) }
  }

  /** From a replica that has all that the caller wants to see. What it cannot answer, as in a new schema, the primary does. */
  async #read(work: Work, target: Target): Promise<Answer> {
    const { operation, call, tenant } = work
    const mayLag = call.readAfter !== undefined && operation.target === 'tenant' && tenant !== undefined
    const replica = mayLag ? this.#parts.targets.replicaFor(tenant, call.readAfter) : undefined
    if (!replica) return this.#readFrom(target, work)
    try {
      return await this.#readFrom(replica, work)
    } catch (error) {
      const isDown = isUnavailable(error) || sqlState(error) === conflictWithRecovery
      if (!isDown && !isServerError(error)) throw error
      if (isDown) replica.distrust()
      else this.#parts.log.warn({ error, tenant_id: tenant?.id }, 'a replica could not answer: the primary is asked')
      return this.#readFrom(target, work)
    }
  }

  async #readFrom(place: Place, work: Work): Promise<Answer> {
    const context = this.#context(work, new ReadSession(this.#sessionFor(place, work)))
    const output = await this.#run(work, context)
    if (work.tenant) recordSupportRead(work.operation, work.call.input, context)
    if (context.entries.length > 0) await this.#recordRead(work, context)
    return { output, session: context.session }
  }

  /** What is sensitive is on record before anybody sees it. */
  async #recordRead(work: Work, { entries }: OperationContext): Promise<void> {
    const target = this.#parts.targets.of(work.operation.target, work.tenant)
    const transaction = new Transaction(this.#sessionFor(target, work))
    try {
      await transaction.commit(statementsOf(entries, target))
    } catch (error) {
      await transaction.rollback()
      throw error
    }
    if (entries.some(({ waits }) => waits)) this.#parts.relay.nudge(target)
  }

  /** Also what handlers have written for the caller in the tenant's cell before the answer leaves. */
  async #writtenBy(
    { operation, tenant }: Work,
    cell: string | undefined,
    position: bigint | undefined,
  ): Promise<Answer['written']> {
    if (operation.replyAfter === 'handlers' && tenant) return this.#parts.targets.positionIn(tenant)
    return cell === undefined || position === undefined ? undefined : { cell, position }
  }

  async #run({ operation, call, tenant, reach }: Work, context: OperationContext): Promise<unknown> {
    // A record out of reach is answered like one that is not there.
    if (typeof reach === 'object' && !(await context.may(operation.permission, reach))) throw new Failure(notFound)
    if (!operation.list) return operation.run(context, call.input)
    const { pages } = this.#parts
    const asked = call.input as Parameters<Pages['read']>[2]
    const tenantId = tenant?.id ?? noTenant
    const rows = await operation.run(context, pages.read(tenantId, operation, asked))
    if (reach === 'some' && !context.narrowed) throw new UnnarrowedList(operation.name)
    return pages.write(tenantId, operation, asked, rows as Record<string, unknown>[])
  }

  #sessionFor(target: Place, { tenant, actor, deadlineMs, spent }: Work): SessionSettings {
    const identity = { tenantId: tenant?.id ?? noTenant, actorId: actor.id }
    const weight = tenant ? this.#planOf(tenant).weight : 1
    return { target, identity, deadlineMs, weight, spent }
  }

  #context(work: Work, db: OperationContext['db']): OperationContext {
    const { operation, call, actor, tenant, access, now } = work
    return new OperationContext({
      operation: operation.name,
      permission: operation.permission,
      actor,
      tenant,
      access,
      resources: this.#parts.resources,
      call,
      db,
      controlSession: () => this.#sessionFor(this.#parts.targets.of('control', tenant), work),
      now,
      hears: (event) => this.#parts.relay.hears(event),
      ports: this.#parts.ports,
      log: this.#parts.log,
    })
  }
}

interface Work {
  readonly operation: Operation
  readonly call: Call
  readonly actor: Actor
  readonly tenant: Tenant | undefined
  readonly access: Access
  readonly reach: Reach
  readonly now: string
  readonly deadlineMs: number
  readonly spent: { databaseMs: number }
}

/** A write operation forgot `ctx.record`: a defect of ours that must not leave an unaudited change behind. */
export class UnrecordedWrite extends Error {
  constructor(operation: string) {
    super(`${operation} wrote without recording what it did; everything was rolled back`)
  }
}

/** A list that shows all rows to somebody who may see some: a defect of ours. Nothing of it is sent. */
export class UnnarrowedList extends Error {
  constructor(operation: string) {
    super(`${operation} did not ask which rows its caller may see: put ctx.visible into its SQL`)
  }
}

export class DeadlinePassed extends Error {
  constructor(operation: string) {
    super(`${operation} passed its deadline before the commit; everything was rolled back`)
  }
}

export class RequestAbandoned extends Error {
  constructor(operation: string) {
    super(`${operation} lost its caller before the commit; everything was rolled back`)
  }
}

function needsTenant(operation: Operation): boolean {
  return operation.permission.includes(':')
}

/** What the caller reaches: all, some rows of a list, or perhaps a record that has to be looked at first. */
type Reach = 'all' | 'some' | RecordName

/** Throws when the operation is not permitted at all. */
function permit(
  { permission, about, list }: Operation,
  access: Access,
  circumstances: Circumstances,
  input: unknown,
): Reach {
  const deleted = list?.deleted
  const { deleted: wantsDeleted } = input as { deleted?: unknown }
  if (deleted !== undefined && wantsDeleted === true && !access.everywhere.has(deleted)) throw new Failure(forbidden)
  if (!permission.includes(':') || access.everywhere.has(permission)) return 'all'
  const record = about(input as never)
  const may = access.may(permission, circumstances, record)
  if (may) return 'all'
  if (may === undefined && list) return 'some'
  if (may === undefined && record) return record
  throw new Failure(forbidden)
}

/** Platform code that calls an operation by itself knows what it has done. */
function requireHeaders(operation: Operation, { idempotencyKey, ifMatch, via }: Call): void {
  if (via === 'command' || via === 'relay') return
  if (operation.idempotency === 'required' && idempotencyKey === undefined) throw new Failure(idempotencyKeyMissing)
  if (operation.ifMatch === 'required' && ifMatch === undefined) throw new Failure(preconditionMissing)
}

/** A call that is repeated founds the same tenant, so that it finds what the first has left. */
function idOfFounded({ name }: Operation, { idempotencyKey }: Call, actor: Actor): string {
  return idempotencyKey === undefined ? newId() : idNamed(`${name} ${actor.id} ${idempotencyKey}`)
}
