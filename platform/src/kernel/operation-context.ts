import type { Access, RecordName } from './access/access.ts'
import { knownRecord, visibleRows } from './access/record-sql.ts'
import type { Resources } from './access/resource.ts'
import type { Call } from './call.ts'
import type { Actor, Change, Ctx, Tenant, Via } from './context.ts'
import { ReadSession, type Session, type SessionSettings } from './database/session.ts'
import { noTenant } from './database/signed-context.ts'
import type { Sql } from './database/statement.ts'
import { Failure, type FailureDetails, type FailureKind } from './errors/failure.ts'
import { preconditionFailed } from './errors/platform-failures.ts'
import { newId } from './id.ts'
import type { Log } from './observe/log.ts'
import type { EventKind, JobKind } from './operation.ts'
import { type Circumstances, type Entry, eventEntry, jobEntry } from './outbox/record.ts'
import type { Port, Ports } from './port.ts'

/** What an operation may know of how it was called. */
type Circumstance = Pick<Call, 'via' | 'locale' | 'requestId' | 'address' | 'userAgent' | 'ifMatch'> &
  Partial<Pick<Call, 'credentials' | 'signal'>>

export interface ContextSettings {
  readonly operation: string
  readonly actor: Actor
  readonly tenant: Tenant | undefined
  readonly permission: string
  readonly access: Access
  readonly resources: Resources
  readonly call: Circumstance
  readonly db: Session
  /** For `ctx.control`, opened only when it is asked for. */
  readonly controlSession: () => SessionSettings
  readonly now: string
  /** Whether anybody listens to an event. */
  readonly hears: (event: string) => boolean
  readonly ports: Ports
  readonly log: Log
}

/** The `ctx` of one operation, and what it has recorded and enqueued until the commit. */
export class OperationContext implements Ctx {
  readonly actor: Actor
  readonly db: Session
  readonly now: string
  readonly via: Via
  readonly locale: 'en' | 'es'
  readonly requestId: string
  readonly address: string | undefined
  readonly sessionToken: string | undefined
  readonly userAgent: string | undefined
  readonly log: Log
  readonly newId = newId
  /** Ready to be written with the commit. */
  readonly entries: Entry[] = []
  recorded = false
  /** Whether a list has asked which rows the actor may see. */
  narrowed = false
  accessChanged = false
  session: { token: string; expiresAt: string } | null | undefined
  readonly #settings: ContextSettings
  #control: Session | undefined
  #signal: AbortSignal | undefined

  constructor(settings: ContextSettings) {
    this.#settings = settings
    this.actor = settings.actor
    this.db = settings.db
    this.now = settings.now
    this.via = settings.call.via
    this.locale = settings.call.locale
    this.requestId = settings.call.requestId
    this.address = settings.call.address
    this.sessionToken = settings.call.credentials?.sessionToken
    this.userAgent = settings.call.userAgent
    this.log = settings.log
  }

  get tenant(): Tenant {
    const { tenant, operation } = this.#settings
    if (!tenant) throw new Error(`${operation} has no tenant`)
    return tenant
  }

  get control(): Session {
    return (this.#control ??= new ReadSession(this.#settings.controlSession()))
  }

  get signal(): AbortSignal {
    return (this.#signal ??= this.#endOfWork())
  }

  #endOfWork(): AbortSignal {
    const { call, controlSession } = this.#settings
    const deadline = AbortSignal.timeout(Math.max(0, Math.ceil(controlSession().deadlineMs - performance.now())))
    return call.signal ? AbortSignal.any([call.signal(), deadline]) : deadline
  }

  get access(): Access {
    return this.#settings.access
  }

  get permissions(): ReadonlySet<string> {
    return this.#settings.access.everywhere
  }

  async may(permission: string, about?: RecordName): Promise<boolean> {
    const { access, resources } = this.#settings
    const known = access.may(permission, this, about)
    if (known !== undefined || !about) return known === true
    const record = await knownRecord(this.db, resources, this.tenant.id, about)
    return record !== undefined && access.may(permission, this, about, record) === true
  }

  visible(alias: string): Sql | undefined {
    const { access, resources, permission } = this.#settings
    this.narrowed = true
    return visibleRows(access, resources, permission, this, alias)
  }

  port<Contract>(port: Port<Contract>): Contract {
    return this.#settings.ports.of(port)
  }

  record(event: EventKind, change: Change): void {
    this.recorded = true
    this.accessChanged ||= event.changesAccess
    this.entries.push(eventEntry(event, change, this.#circumstances(), this.#settings.hears(event.name)))
  }

  enqueue<Payload extends object>(job: JobKind<Payload>, payload: Payload): void {
    this.entries.push(jobEntry(job, payload, this.#circumstances()))
  }

  fail(kind: FailureKind, details?: FailureDetails): never {
    throw new Failure(kind, details)
  }

  expectVersion(version: number): void {
    const { ifMatch } = this.#settings.call
    if (typeof ifMatch === 'number' && ifMatch !== version) throw new Failure(preconditionFailed)
  }

  keepSession(session: { token: string; expiresAt: string } | null): void {
    this.session = session
  }

  #circumstances(): Circumstances {
    const { operation, call, tenant } = this.#settings
    const { actor, requestId, address, now } = this
    return { tenantId: tenant?.id ?? noTenant, actor, via: call.via, operation, requestId, address, now }
  }
}
