import { type Resources, resourcesOf } from '#kernel/access/resource'
import { type EffectiveSetting, effectiveSettings } from '#kernel/config/effective-settings'
import type { Actor, Tenant } from '#kernel/context'
import { Cursors } from '#kernel/cursor'
import { DatabaseTime } from '#kernel/database/database-time'
import { Databases, type DatabasesSettings } from '#kernel/database/databases'
import { eraseRows } from '#kernel/database/erasure'
import { type Release, wantedOf } from '#kernel/database/fleet-survey'
import { requireHome } from '#kernel/database/foundation'
import type { MigrationTarget } from '#kernel/database/migrator'
import { dropBridge, dropSilo, provisionBridge, provisionSilo } from '#kernel/database/provision'
import { recordTables } from '#kernel/database/record-tables'
import { derivedKey } from '#kernel/database/roles'
import type { Outbox } from '#kernel/database/session'
import { Entitlements } from '#kernel/entitlement'
import { newId } from '#kernel/id'
import { Idempotency } from '#kernel/idempotency/idempotency'
import { type Module, type Product, planOf } from '#kernel/module'
import type { Log } from '#kernel/observe/log'
import { type Operation, requireOperation } from '#kernel/operation'
import { Outbound, outbound } from '#kernel/outbound/outbound'
import type { OutboxMessage } from '#kernel/outbox/given-up'
import { OutboxRelay } from '#kernel/outbox/relay'
import { Admission } from '#kernel/overload/admission'
import { Pages } from '#kernel/page'
import { Pipeline } from '#kernel/pipeline'
import { Ports } from '#kernel/port'
import { RateLimiter } from '#kernel/rate/rate-limiter'
import type { RateStore } from '#kernel/rate/rate-store'
import { Signatures } from '#kernel/signature'
import { tokenDigest } from '#kernel/token'
import { catalogue, principalOf, systemPermissions } from '#modules/access'
import { tenantTables } from '#modules/analytics'
import {
  type AuditTrimming,
  auditTrimming,
  deleteAuditSettings,
  exportCursors,
  inTransaction,
  streamKey,
} from '#modules/audit'
import { declaredFlags, flagClient, flagsOf, RememberedFlags } from '#modules/flags'
import { ControlMirror, fleetPort } from '#modules/fleet'
import {
  type BreachedPasswords,
  breachedPasswords,
  commonPasswords,
  findPendingSignIn,
  findPerson,
  type IdentityProvider,
  identityProvider,
  isFactorDemanded,
  Passkeys,
  passkeys,
  pendingSignIn,
  SecondFactors,
  secondFactors,
  Throttle,
  throttle,
} from '#modules/identity'
import { serviceAccountIn } from '#modules/keys'
import { type Mailer, mailer, sender } from '#modules/mail'
import { repetition } from '#modules/outbox'
import { changesByStaff, effectiveConfiguration, staffOperations } from '#modules/staff'
import {
  accountByEmail,
  cells,
  hasDemandingTenant,
  memberAddress,
  onboardingSteps,
  places,
  plans,
  principalIn,
  systemCalls,
  tenantErasure,
  writeMemberAddress,
} from '#modules/tenants'
import { type TrashKeeper, trashKeeper } from '#modules/trash'
import { PostgresRateStore, rateUsage, recordUsage } from '#modules/usage'
import { AuditSealing, sealsPurpose } from './audit-sealing.ts'
import { AuditStreaming, type PlatformStream } from './audit-streaming.ts'
import { auditTrimmingWith } from './audit-trimming.ts'
import { BackgroundBatches } from './batched-migrations.ts'
import { DatabaseTimeFlush } from './database-time-flush.ts'
import { FleetRetries } from './fleet-retries.ts'
import { RememberedGates } from './gates.ts'
import { repeatGivenUp } from './given-up-messages.ts'
import { batchedMigrations, releaseOf, tenantsOfOwnPlace } from './migrate.ts'
import { platformModules } from './platform-modules.ts'
import { recordUsageWith } from './record-usage.ts'
import { system, systemSession } from './system-session.ts'
import { trashKeeperWith } from './trash-keeper.ts'

export interface InstallationSettings {
  readonly product: Product
  readonly databases: DatabasesSettings
  readonly identity: IdentityProvider
  readonly mailer: Mailer
  /** Origin of links in mails and of the addresses of problem types. */
  readonly publicUrl: string
  readonly log: Log
  /** Where processes count requests together. Default: the control database. */
  readonly rateStore?: RateStore
  /** Who knows which passwords have leaked. Default: the list that comes with the platform. */
  readonly breachedPasswords?: BreachedPasswords
  /** What staff see of how it was started. Default: nothing is set. */
  readonly configuration?: readonly EffectiveSetting[]
  /** The clock that rules read. */
  readonly now?: () => Date
  /** Development and tests: this machine may be called at addresses that customers give. */
  readonly outboundLoopback?: boolean
  /** Where the platform's own audit log is streamed to. */
  readonly auditStream?: PlatformStream
  /** Lets staff into the console without a second factor: the people of the demo have none. Production has no demo. */
  readonly demo?: boolean
}

const lookForSilosEveryMs = 600_000

/** One running installation: the product's and the platform's modules, put together over its databases. */
export class Installation {
  readonly modules: readonly Module[]
  readonly operations: readonly Operation[]
  readonly databases: Databases
  readonly admission: Admission
  readonly rateLimiter: RateLimiter
  readonly pipeline: Pipeline
  readonly relay: OutboxRelay
  readonly gates: RememberedGates
  readonly #log: Log
  readonly batches: BackgroundBatches
  readonly sealing: AuditSealing
  readonly streaming: AuditStreaming
  readonly #outbound: Outbound
  readonly #cursors: Cursors
  readonly flags: RememberedFlags
  #lookForSilosAtMs = Number.NEGATIVE_INFINITY
  #release: Promise<Release> | undefined
  readonly #retries: FleetRetries
  /** Of operations, jobs and listeners, since it was last carried to the control database. */
  readonly databaseTime = new DatabaseTime()
  readonly #databaseTimeFlush: DatabaseTimeFlush

  constructor(settings: InstallationSettings) {
    const { product, identity, log, now = () => new Date() } = settings
    this.#log = log
    this.modules = [...platformModules, ...product.modules]
    this.operations = this.modules.flatMap((module) => module.operations)
    this.databases = new Databases(settings.databases)
    const resources = resourcesOf(this.modules)
    this.gates = new RememberedGates({
      databases: this.databases,
      resources,
      identity,
      log,
      tenantLevel: () => this.#tenantLevel(),
      catchUp: (level) => this.#retries.beginFounded(level),
      staffSecondFactor: settings.demo ? 'waived' : 'required',
      now,
    })
    this.#retries = new FleetRetries({ databases: this.databases, release: () => this.#wanted(), log })
    this.batches = new BackgroundBatches(this.databases, () => batchedMigrations(this.modules), log)
    this.sealing = this.#sealingWith(settings.databases.secret, now)
    this.#cursors = new Cursors(derivedKey(settings.databases.secret, 'cursors'))
    this.#outbound = new Outbound({ loopback: settings.outboundLoopback ?? false })
    this.streaming = this.#streamingWith(settings)
    this.rateLimiter = new RateLimiter(settings.rateStore ?? new PostgresRateStore(this.databases.control), log)
    this.flags = new RememberedFlags({ declared: flagsOf(this.modules), control: this.databases.control, now, log })
    const entitlements = new Entitlements(this.modules, resources, product.plans)
    const ports = this.#portsWith(settings, resources, entitlements)
    this.admission = new Admission({ connections: settings.databases.connectionsMax, log })
    const { admission, databases, gates, databaseTime, rateLimiter } = this
    this.relay = new OutboxRelay({
      gates,
      targets: databases,
      ports,
      databaseTime,
      log,
      now,
      jobs: this.modules.flatMap((module) => module.jobs),
      listeners: this.modules.flatMap((module) => module.listeners),
      outboxes: () => databases.outboxes,
      rungOutboxes: () => this.#rungOutboxes(),
    })
    this.pipeline = new Pipeline({
      admission,
      rateLimiter,
      entitlements,
      resources,
      idempotency: new Idempotency(derivedKey(settings.databases.secret, 'idempotency')),
      gates,
      targets: databases,
      relay: this.relay,
      pages: new Pages(this.#cursors),
      ports,
      databaseTime,
      plans: product.plans,
      log,
      now,
    })
    this.#databaseTimeFlush = new DatabaseTimeFlush({ databaseTime, control: databases.control, log })
  }

  #passkeysOf({ databases: { secret }, product, publicUrl }: InstallationSettings): Passkeys {
    return new Passkeys({ key: derivedKey(secret, 'passkey challenges'), productName: product.name, publicUrl })
  }

  /** What modules need of the installation and from outside. */
  #portsWith(settings: InstallationSettings, resources: Resources, entitlements: Entitlements): Ports {
    const { product, identity } = settings
    return new Ports()
      .bind(identityProvider, identity)
      .bind(throttle, new Throttle(this.databases.identity))
      .bind(secondFactors, new SecondFactors(derivedKey(settings.databases.secret, 'second factors'), product.name))
      .bind(breachedPasswords, settings.breachedPasswords ?? commonPasswords)
      .bind(passkeys, this.#passkeysOf(settings))
      .bind(isFactorDemanded, (userId) => hasDemandingTenant(systemSession(this.databases.control), userId))
      .bind(pendingSignIn, (token) => findPendingSignIn(systemSession(this.databases.identity), tokenDigest(token)))
      .bind(mailer, settings.mailer)
      .bind(sender, { productName: product.name, publicUrl: settings.publicUrl })
      .bind(catalogue, { permissions: systemPermissions(this.modules), resources })
      .bind(principalOf, async (ctx, id) => (await principalIn(ctx, id)) ?? serviceAccountIn(ctx, id))
      .bind(places, { provide: (tenant) => this.#provide(tenant) })
      .bind(cells, this.databases.cells)
      .bind(plans, product.plans)
      .bind(onboardingSteps, Object.assign({}, ...this.modules.map(({ onboarding }) => onboarding)))
      .bind(accountByEmail, (email) => findPerson(systemSession(this.databases.identity), email))
      .bind(fleetPort, { wanted: () => this.#levels(), bringUp: (target) => this.#retries.begin(target) })
      .bind(systemCalls, (name, input) => this.call(requireOperation(this.operations, name), system, input))
      .bind(memberAddress, async (member) => {
        const tenant = await this.gates.tenantOf(member.tenantId)
        if (!tenant) return
        const place = this.databases.of('tenant', tenant)
        await inTransaction(place, tenant.id, (db) => writeMemberAddress(db, member))
      })
      .bind(tenantErasure, (tenant) => this.#erase(tenant))
      .bind(repetition, ({ id, tenant = null }) => this.#repeat({ id, tenantId: tenant }))
      .bind(tenantTables, readableTables(this.modules))
      .bind(outbound, this.#outbound)
      .bind(streamKey, streamKeyOf(settings))
      .bind(exportCursors, this.#cursors)
      .bind(auditTrimming, this.#trimmingWith(settings))
      .bind(trashKeeper, this.#trashKeeper())
      .bind(declaredFlags, this.flags.declared)
      .bind(staffOperations, changesByStaff(this.operations))
      .bind(effectiveConfiguration, settings.configuration ?? effectiveSettings({}))
      .bind(flagClient, this.flags.client)
      .bind(recordUsage, recordUsageWith(entitlements, this.databases))
      .bind(rateUsage, (tenant) => this.rateLimiter.usage(tenant.id, planOf(product.plans, tenant.plan).limits))
  }

  #trashKeeper(): TrashKeeper {
    return trashKeeperWith(this.operations, (...call) => this.call(...call))
  }

  #trimmingWith({ databases: { secret } }: InstallationSettings): AuditTrimming {
    const signatures = new Signatures(secret, sealsPurpose)
    return auditTrimmingWith({ databases: this.databases, signatures, tenantOf: (id) => this.gates.tenantOf(id) })
  }

  #streamingWith(settings: InstallationSettings): AuditStreaming {
    const tenantOf = (id: string) => this.gates.tenantOf(id)
    const parts = { databases: this.databases, tenantOf, outbound: this.#outbound, log: this.#log }
    return new AuditStreaming({ ...parts, key: streamKeyOf(settings), platform: settings.auditStream })
  }

  #sealingWith(secret: string, now: () => Date): AuditSealing {
    const signatures = new Signatures(secret, sealsPurpose)
    const tenantOf = (id: string) => this.gates.tenantOf(id)
    return new AuditSealing({ databases: this.databases, signatures, tenantOf, log: this.#log, now })
  }

  /** With those of silos that another process may have left something in before it was killed. */
  async #rungOutboxes(): Promise<Outbox[]> {
    if (performance.now() > this.#lookForSilosAtMs) {
      for await (const tenant of tenantsOfOwnPlace(this.databases)) this.#noteSilo(tenant)
      this.#lookForSilosAtMs = performance.now() + lookForSilosEveryMs
    }
    return this.databases.rungOutboxes((cell, error) =>
      this.#log.warn({ error, cell }, 'the relay could not see which tenants of a cell have something waiting'),
    )
  }

  /** From now on its outbox is looked into now and then. One that is nowhere to be found is not this process's business. */
  #noteSilo(tenant: Tenant): void {
    const { model, cell } = tenant.placement
    if (model !== 'silo' || tenant.state === 'purged') return
    const found = this.databases.cellNamed(cell)
    if (!found || found.closedBecause !== undefined) return
    try {
      found.targetOf(tenant)
    } catch (error) {
      // Its credential was sealed with another secret: that is no reason to look into nobody's outbox.
      this.#log.error({ alert: true, error, tenant_id: tenant.id }, 'the silo of a tenant cannot be opened')
    }
  }

  #wanted(): Promise<Release> {
    return (this.#release ??= releaseOf(this.modules))
  }

  async #levels(): Promise<{ control: number; tenant: number }> {
    const { migrations } = await this.#wanted()
    return { control: wantedOf({ kind: 'control' }, migrations), tenant: wantedOf({ kind: 'tenant' }, migrations) }
  }

  async #tenantLevel(): Promise<number> {
    return (await this.#levels()).tenant
  }

  async #repeat(given: Pick<OutboxMessage, 'id' | 'tenantId'>): Promise<OutboxMessage | undefined> {
    const repeated = await repeatGivenUp(this.databases, given)
    if (repeated) this.relay.nudge(repeated.target)
    return repeated?.message
  }

  async #provide(tenant: Tenant): Promise<void> {
    const { databases, modules } = this
    const target = databases.migrationTargetOf(tenant)
    if (!target) return
    const provision = { target, modules, release: await this.#wanted() }
    const { level } =
      tenant.placement.model === 'bridge'
        ? await provisionBridge(provision)
        : await provisionSilo({ ...provision, ...databases.cellOf(tenant).siloOf(tenant) })
    // Another release's process may look after it next, and must see where it stands.
    const mirror = new ControlMirror(databases.control)
    mirror.keep([{ target, state: 'current', level, wanted: await this.#tenantLevel() }])
    await mirror.finish(false)
  }

  /** Runs an operation as somebody the caller vouches for: demo data, the command line. `version`: as If-Match. */
  async call(
    operation: Operation,
    actor: Actor,
    input: object,
    { tenant, version }: { tenant?: string; version?: number } = {},
  ): Promise<unknown> {
    const answer = await this.pipeline.execute(operation, {
      input,
      credentials: { actor },
      tenant,
      ifMatch: version,
      via: 'command',
      locale: 'en',
      requestId: newId(),
      address: undefined,
      userAgent: undefined,
      known: {},
    })
    return answer.output
  }

  /**
   * What modules keep of one tenant in the control database, and where it lives: its rows in a pool, where the events of
   * its audit log stay without their values, or the whole schema or database that was its alone.
   */
  async #erase(tenant: Tenant): Promise<boolean> {
    const ofRecord = Object.keys(recordTables).filter((name) => name !== 'audit_events')
    const ofModules = this.modules.flatMap(({ tables }) => Object.entries(tables))
    const ofTenants = ofModules.filter(([, { kind }]) => kind === 'tenant').map(([name]) => name)
    const more = await eraseRows(this.databases.controlTarget(), tenant.id, new Set(ofRecord))
    await inTransaction({ database: this.databases.control }, tenant.id, (db) => deleteAuditSettings(db, tenant.id))
    const cell = this.databases.cellOf(tenant)
    await requireHome(cell.poolTarget())
    const { model } = tenant.placement
    if (model === 'silo') {
      cell.forgetSilo(tenant)
      await dropSilo(cell.siloOf(tenant))
    }
    if (model === 'bridge') await dropBridge(this.databases.migrationTargetOf(tenant) as MigrationTarget)
    if (model !== 'pool') return more
    return (await eraseRows(cell.poolTarget(), tenant.id, new Set([...ofRecord, ...ofTenants]))) || more
  }

  async close(): Promise<void> {
    await this.batches.stop()
    await this.sealing.stop()
    await this.streaming.stop()
    await this.flags.stop()
    await this.relay.stop()
    await this.#retries.stop()
    await this.#databaseTimeFlush.stop()
    await this.rateLimiter.close()
    await this.databases.end()
  }
}

function streamKeyOf({ databases: { secret } }: InstallationSettings): Buffer {
  return derivedKey(secret, 'audit streams')
}

/** Tables of tenants that whoever serves a tenant may read. The outbox is not among them: it is the relay's. */
function readableTables(modules: readonly Module[]): string[] {
  const declared = [recordTables, ...modules.map(({ tables }) => tables)].flatMap((tables) => Object.entries(tables))
  return declared.flatMap(([name, { kind, privileges }]) =>
    kind === 'tenant' && privileges.includes('select') ? [name] : [],
  )
}
