import { LRUCache } from 'lru-cache'
import { type Access, noAccess } from '#kernel/access/access'
import type { Resources } from '#kernel/access/resource'
import type { Credentials } from '#kernel/call'
import type { Actor, SessionPolicy, Tenant } from '#kernel/context'
import type { Databases } from '#kernel/database/databases'
import { ReadSession, type Session, Transaction } from '#kernel/database/session'
import { noTenant, systemActor } from '#kernel/database/signed-context'
import { Failure } from '#kernel/errors/failure'
import { forbidden, supportEnded } from '#kernel/errors/platform-failures'
import type { Log } from '#kernel/observe/log'
import type { Gates } from '#kernel/pipeline-parts'
import { requireConsole, requireSession } from '#kernel/sign-in-rules'
import { tenantInToken, tokenDigest } from '#kernel/token'
import { accessOf } from '#modules/access'
import { tenantsBelow } from '#modules/fleet'
import { type IdentityProvider, noteSeen } from '#modules/identity'
import { findLiveKey, keyPrefix, noteUse } from '#modules/keys'
import { isStaff } from '#modules/staff'
import { findOpenSession, type OpenSupportSession } from '#modules/support'
import { findTenant, hasMembership, noteActivity } from '#modules/tenants'

/**
 * The platform's bound for taking something back: a role, a key, a session or a suspension counts within a second on
 * every process, and at once on the one that made the change.
 */
const rememberedMs = 1_000
/**
 * As sizes of one: for a `max` lru-cache makes room at once, 30 ms at each start, and clears it all, 1 ms at each `forget`.
 * Without a `ttlResolution` each cache that is asked sets a timer in each millisecond.
 */
const atMost = { maxSize: 50_000, sizeCalculation: () => 1, ttlResolution: 0 }
const lookUpTimeoutMs = 5_000
const toldOfBehindEveryMs = 60_000
/** The shortest limit on idle time is five minutes. */
const noteSeenEveryMs = 60_000

/** Who is asking, where, and what may they do: the answers of identity, tenants, access, keys and staff, remembered for a second. */
export class RememberedGates implements Gates {
  readonly #databases: Databases
  readonly #identity: IdentityProvider
  readonly #log: Log
  readonly #sessions = memory<Actor>()
  readonly #keys = memory<Actor>()
  readonly #tenants = memory<Tenant>()
  readonly #access = memory<Access>()
  readonly #resources: Resources
  readonly #staff = memory<boolean>()
  readonly #supportSessions = memory<OpenSupportSession>()
  readonly #staffSecondFactor: 'required' | 'waived'
  readonly #behind = memory<ReadonlySet<string>>()
  readonly #tenantLevel: () => Promise<number>
  readonly #catchUp: (level: number) => Promise<void>
  #toldOfBehindAtMs = Number.NEGATIVE_INFINITY
  readonly #now: () => Date
  /** When the use of a session was last noted here. */
  readonly #seenAtMs = new LRUCache<string, number>(atMost)
  readonly #notedKeys = new LRUCache<string, true>({ ...atMost, ttl: 60_000 })
  readonly #notedMembers = new LRUCache<string, true>({ ...atMost, ttl: 3_600_000 })

  /**
   * `tenantLevel`: how many migrations a tenant's schema must have for this release. `catchUp`: begins to bring up those
   * that no run of migrations could see.
   */
  constructor(parts: {
    databases: Databases
    resources: Resources
    identity: IdentityProvider
    log: Log
    tenantLevel: () => Promise<number>
    catchUp: (level: number) => Promise<void>
    staffSecondFactor: 'required' | 'waived'
    now: () => Date
  }) {
    this.#staffSecondFactor = parts.staffSecondFactor
    this.#now = parts.now
    this.#databases = parts.databases
    this.#resources = parts.resources
    this.#tenantLevel = parts.tenantLevel
    this.#catchUp = parts.catchUp
    this.#identity = parts.identity
    this.#log = parts.log
  }

  async actorOf({ sessionToken, bearer, supportSession }: Credentials): Promise<Actor | undefined> {
    if (bearer?.startsWith(`${keyPrefix}_`)) return this.#keyActor(bearer)
    const token = this.#identity.tokenFrom === 'cookie' ? sessionToken : bearer
    if (token === undefined) return undefined
    const person = remembered(this.#sessions, token, () => this.#findPerson(token))
    return supportSession === undefined ? person : this.#memberFor(await person, supportSession)
  }

  /** The member as whom one of the staff acts. */
  async #memberFor(staff: Actor | undefined, sessionId: string): Promise<Actor | undefined> {
    if (!staff) return undefined
    await this.requireStaff(staff)
    const session = await remembered(this.#supportSessions, sessionId, () =>
      findOpenSession(this.#read('control', noTenant), sessionId),
    )
    if (!session || session.staffId !== staff.id || session.endsAt <= this.#now().toISOString())
      throw new Failure(supportEnded)
    const { tenantId, memberId: id, memberName: name, mayWrite } = session
    const support = { sessionId, staffId: staff.id, staffName: staff.name, mayWrite }
    return { kind: 'person', id, name, tenantId, support }
  }

  tenantOf(reference: string): Promise<Tenant | undefined> {
    return remembered(this.#tenants, reference, () => findTenant(this.#read('directory', noTenant), reference))
  }

  async accessOf(tenant: Tenant, actor: Actor): Promise<Access | undefined> {
    // What is done in a tenant from the console is done in a support session.
    if (actor.signIn?.isConsole) return undefined
    if (actor.access) return actor.tenantId === tenant.id ? actor.access : undefined
    // Its place may not be there yet. Until it is, whoever founds it is the only one who belongs to it.
    if (tenant.state === 'provisioning')
      return (await hasMembership(this.#read('control', noTenant), actor.id, tenant.id)) ? noAccess : undefined
    const access = await remembered(this.#access, `${tenant.id} ${actor.id}`, () => this.#findAccess(tenant, actor))
    // Outsiders learn nothing of what a tenant asks for.
    if (access && tenant.sessions) this.#checkSession(tenant.sessions, actor)
    return access
  }

  async #findAccess(tenant: Tenant, actor: Actor): Promise<Access | undefined> {
    const asked = { tenantId: tenant.id, principalId: actor.id }
    const access = await accessOf(this.#read(tenant, tenant.id), asked, this.#resources)
    if (access && !actor.support) this.#noteActivity(tenant, actor.id)
    return access
  }

  #noteActivity(tenant: Tenant, userId: string): void {
    if (this.#notedMembers.has(`${tenant.id} ${userId}`)) return
    this.#notedMembers.set(`${tenant.id} ${userId}`, true)
    const write = (transaction: Transaction) => noteActivity(transaction, tenant.id, userId)
    this.#note('the activity of a member', tenant, tenant.id, write)
  }

  #checkSession(policy: SessionPolicy, actor: Actor): void {
    requireSession(policy, actor, this.#now().getTime())
    if (policy.idleTimeoutMinutes !== null && actor.sessionId !== undefined) this.#noteSeen(actor.sessionId)
  }

  #noteSeen(sessionId: string): void {
    const now = this.#now()
    if (now.getTime() - (this.#seenAtMs.get(sessionId) ?? 0) < noteSeenEveryMs) return
    this.#seenAtMs.set(sessionId, now.getTime())
    const write = (transaction: Transaction) => noteSeen(transaction, sessionId, now.toISOString())
    this.#note('the use of a session', 'identity', noTenant, write)
  }

  async requireStaff(actor: Actor): Promise<void> {
    const { kind, id, sessionId, signIn } = actor
    // The command line and the platform's own jobs are in the hands of who runs the installation.
    if (kind === 'system') return
    const found = await remembered(this.#staff, id, () => isStaff(this.#read('identity', noTenant), id))
    if (!found || actor.support) throw new Failure(forbidden)
    requireConsole(actor, { secondFactor: this.#staffSecondFactor, nowMs: this.#now().getTime() })
    if (signIn && sessionId !== undefined) this.#noteSeen(sessionId)
  }

  async isBehind({ id }: Tenant): Promise<boolean> {
    const behind = await remembered(this.#behind, 'tenants', async () => {
      const level = await this.#tenantLevel()
      const found = await tenantsBelow(this.#databases.control, level)
      if (found.size > 0) await this.#catchUp(level)
      this.#tellOfBehind(found.size)
      return found
    })
    return behind?.has(id) ?? false
  }

  #tellOfBehind(tenants: number): void {
    if (tenants === 0 || performance.now() < this.#toldOfBehindAtMs + toldOfBehindEveryMs) return
    this.#toldOfBehindAtMs = performance.now()
    const how = 'npx tenantry migrate status names them, npx tenantry migrate up tries again'
    this.#log.error({ alert: true, tenants, how }, 'tenants are behind this release and are not served')
  }

  forgetTenant({ id, slug }: Tenant): void {
    this.#tenants.delete(id)
    this.#tenants.delete(slug)
  }

  forget(): void {
    const answers = [this.#sessions, this.#keys, this.#tenants, this.#access, this.#staff, this.#supportSessions]
    for (const cache of answers) cache.clear()
  }

  async #findPerson(token: string): Promise<Actor | undefined> {
    const context = { db: this.#read('identity', noTenant), now: new Date().toISOString() }
    const { person, writeDue } = await this.#identity.authenticate(context, token)
    const found = writeDue ? await this.#settle(token) : person
    if (!found) return undefined
    const { userId, name, email, sessionId, signIn } = found
    const session = sessionId === undefined ? {} : { sessionId }
    return { kind: 'person', id: userId, name, email, ...session, signIn }
  }

  async #settle(token: string) {
    const transaction = this.#transaction('identity', noTenant)
    try {
      const person = await this.#identity.settle({ db: transaction, now: new Date().toISOString() }, token)
      await transaction.commit([])
      return person
    } catch (error) {
      await transaction.rollback()
      throw error
    }
  }

  #keyActor(token: string): Promise<Actor | undefined> {
    return remembered(this.#keys, token, () => this.#findKey(token))
  }

  async #findKey(token: string): Promise<Actor | undefined> {
    const tenantId = tenantInToken(keyPrefix, token)
    const tenant = tenantId === undefined ? undefined : await this.tenantOf(tenantId)
    if (!tenant) return undefined
    const named = { tenantId: tenant.id, digest: tokenDigest(token) }
    const key = await findLiveKey(this.#read(tenant, tenant.id), named, this.#resources)
    if (!key) return undefined
    this.#noteUse(tenant, key.id)
    return { ...key.actor, access: key.access, tenantId: tenant.id }
  }

  #noteUse(tenant: Tenant, keyId: string): void {
    if (this.#notedKeys.has(keyId)) return
    this.#notedKeys.set(keyId, true)
    this.#note('the use of a key', tenant, tenant.id, (transaction) => noteUse(transaction, tenant.id, keyId))
  }

  /** When something was last used is for people to see: to note it must never delay or fail a request. */
  #note(
    what: string,
    where: 'identity' | Tenant,
    tenantId: string,
    write: (transaction: Transaction) => Promise<void>,
  ): void {
    const note = async () => {
      const transaction = this.#transaction(where, tenantId)
      try {
        await write(transaction)
        await transaction.commit([])
      } catch (error) {
        await transaction.rollback()
        throw error
      }
    }
    note().catch((error: unknown) => this.#log.warn({ error, tenant_id: tenantId }, `${what} was not noted`))
  }

  #read(where: 'directory' | 'control' | 'identity' | Tenant, tenantId: string): Session {
    return new ReadSession(this.#settings(where, tenantId))
  }

  #transaction(where: 'identity' | Tenant, tenantId: string): Transaction {
    return new Transaction(this.#settings(where, tenantId))
  }

  #settings(where: 'directory' | 'control' | 'identity' | Tenant, tenantId: string) {
    const target =
      typeof where === 'string' ? { database: this.#databases[where] } : this.#databases.of('tenant', where)
    return { target, identity: { tenantId, actorId: systemActor }, deadlineMs: performance.now() + lookUpTimeoutMs }
  }
}

/** Answers by question. What is remembered is the asking, so callers at the same time share it and its second begins with it. */
type Memory<Value> = LRUCache<string, Promise<Value | undefined>>

function memory<Value>(): Memory<Value> {
  return new LRUCache({ ...atMost, ttl: rememberedMs })
}

function remembered<Value>(
  answers: Memory<Value>,
  question: string,
  ask: () => Promise<Value | undefined>,
): Promise<Value | undefined> {
  const known = answers.get(question)
  if (known) return known
  const asked = ask()
  answers.set(question, asked)
  // A failure to answer is no answer.
  asked.catch(() => answers.delete(question))
  return asked
}
