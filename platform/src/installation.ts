import type { Actor, Placement, Tenant } from '#kernel/context'
import { compareCatalogue } from '#kernel/database/catalogue'
import { Databases, type DatabasesSettings } from '#kernel/database/databases'
import { eraseRows } from '#kernel/database/erasure'
import { type Release, wantedOf } from '#kernel/database/fleet-survey'
import { withClient } from '#kernel/database/prepare'
import { provisionBridge, provisionSilo } from '#kernel/database/provision'
import { recordTables } from '#kernel/database/record-tables'
import { derivedKey } from '#kernel/database/roles'
import type { Outbox } from '#kernel/database/session'
import { newId } from '#kernel/id'
import type { Module, Product } from '#kernel/module'
import type { Log } from '#kernel/observe/log'
import { type Operation, requireOperation } from '#kernel/operation'
import { OutboxRelay } from '#kernel/outbox/relay'
import { Admission } from '#kernel/overload/admission'
import { Pages } from '#kernel/page'
import { Pipeline } from '#kernel/pipeline'
import { Ports } from '#kernel/port'
import { systemPermissions } from '#modules/access'
import { ControlMirror, fleetPort } from '#modules/fleet'
import { type IdentityProvider, identityProvider, Throttle, throttle } from '#modules/identity'
import { type Mailer, mailer, sender } from '#modules/mail'
import { manifestPermissions, places, regionOfCell, systemCalls, tenantErasure } from '#modules/tenants'
import { FleetRetries } from './fleet-retries.ts'
import { RememberedGates } from './gates.ts'
import { releaseOf, tenantsOfOwnPlace } from './migrate.ts'
import { platformModules } from './platform-modules.ts'
import { system } from './system-session.ts'

export interface InstallationSettings {
  readonly product: Product
  readonly databases: DatabasesSettings
  readonly identity: IdentityProvider
  readonly mailer: Mailer
  /** Origin of links in mails and of the addresses of problem types. */
  readonly publicUrl: string
  readonly log: Log
  /** The clock that rules read. */
  readonly now?: () => Date
}

const lookForSilosEveryMs = 600_000

/** One running installation: the product's and the platform's modules, put together over its databases. */
export class Installation {
  readonly modules: readonly Module[]
  readonly operations: readonly Operation[]
  readonly databases: Databases
  readonly admission: Admission
  readonly pipeline: Pipeline
  readonly relay: OutboxRelay
  readonly gates: RememberedGates
  #lookForSilosAtMs = Number.NEGATIVE_INFINITY
  #release: Promise<Release> | undefined
  readonly #retries: FleetRetries

  constructor(settings: InstallationSettings) {
    const { product, identity, log, now = () => new Date() } = settings
    this.modules = [...platformModules, ...product.modules]
    this.operations = this.modules.flatMap((module) => module.operations)
    this.databases = new Databases(settings.databases)
    this.gates = new RememberedGates({
      databases: this.databases,
      identity,
      log,
      tenantLevel: () => this.#tenantLevel(),
    })
    this.#retries = new FleetRetries({ databases: this.databases, release: () => this.#wanted(), log })
    const ports = new Ports()
      .bind(identityProvider, identity)
      .bind(throttle, new Throttle(this.databases.identity))
      .bind(mailer, settings.mailer)
      .bind(sender, { productName: product.name, publicUrl: settings.publicUrl })
      .bind(manifestPermissions, systemPermissions(this.modules))
      .bind(places, { provide: (tenant) => this.#provide(tenant) })
      .bind(regionOfCell, (cell) => (cell === this.databases.cell.name ? this.databases.cell.region : undefined))
      .bind(fleetPort, { wanted: () => this.#levels(), bringUp: (target) => this.#retries.begin(target) })
      .bind(systemCalls, (name, input) => this.call(requireOperation(this.operations, name), system, input))
      .bind(tenantErasure, (tenant) => this.#erase(tenant))
    const { databases, gates } = this
    this.relay = new OutboxRelay({
      gates,
      targets: databases,
      ports,
      log,
      now,
      jobs: this.modules.flatMap((module) => module.jobs),
      listeners: this.modules.flatMap((module) => module.listeners),
      outboxes: databases.outboxes,
      rungOutboxes: () => this.#rungOutboxes(),
    })
    const pages = new Pages(derivedKey(settings.databases.secret, 'cursors'))
    this.admission = new Admission({ connections: settings.databases.connectionsMax, log })
    const { admission } = this
    this.pipeline = new Pipeline({ admission, gates, targets: databases, relay: this.relay, pages, ports, log, now })
  }

  /** With those of silos that another process may have left something in before it was killed. */
  async #rungOutboxes(): Promise<Outbox[]> {
    if (performance.now() > this.#lookForSilosAtMs) {
      for await (const tenant of tenantsOfOwnPlace(this.databases)) this.databases.of('tenant', tenant)
      this.#lookForSilosAtMs = performance.now() + lookForSilosEveryMs
    }
    return this.databases.rungOutboxes()
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

  async #provide(tenant: Tenant): Promise<void> {
    const { databases, modules } = this
    const target = databases.migrationTargetOf(tenant.id, tenant.placement)
    if (!target) return
    const provision = { target, modules, release: await this.#wanted() }
    if (tenant.placement.model === 'bridge') await provisionBridge(provision)
    else await provisionSilo({ ...provision, ...databases.siloOf(tenant) })
    // Another release's process may look after it next, and must see where it stands.
    const mirror = new ControlMirror(databases.control)
    const level = await this.#tenantLevel()
    mirror.keep([{ target, state: 'current', level, wanted: level }])
    await mirror.finish(false)
  }

  /** Runs an operation as somebody the caller vouches for: demo data, the command line. */
  async call(
    operation: Operation,
    actor: Actor,
    input: object,
    { tenant, model }: { tenant?: string; model?: Placement['model'] } = {},
  ): Promise<unknown> {
    const answer = await this.pipeline.execute(operation, {
      input,
      credentials: { actor },
      tenant,
      ...(model === undefined ? {} : { model }),
      ifMatch: undefined,
      via: 'command',
      locale: 'en',
      requestId: newId(),
      address: undefined,
      userAgent: undefined,
      signal: AbortSignal.timeout(30_000),
      known: {},
    })
    return answer.output
  }

  /** Rows of one tenant where it lives and in control: what modules keep there of it, and of the record all but the events. */
  async #erase({ id, placement }: Tenant): Promise<boolean> {
    const ofRecord = Object.keys(recordTables).filter((name) => name !== 'audit_events')
    const ofModules = this.modules.flatMap(({ tables }) => Object.entries(tables))
    const ofTenants = ofModules.filter(([, { kind }]) => kind === 'tenant').map(([name]) => name)
    let more = false
    for (const shared of this.databases.migrationTargets()) {
      const isControl = shared.kind === 'control'
      const target = isControl ? shared : (this.databases.migrationTargetOf(id, placement) ?? shared)
      const tables = new Set(isControl ? ofRecord : [...ofRecord, ...ofTenants])
      more = (await eraseRows(target, id, tables)) || more
    }
    return more
  }

  async close(): Promise<void> {
    await this.relay.stop()
    await this.#retries.stop()
    await this.databases.end()
  }
}

/** Differences between the databases and what the modules declare: with any, nothing may be served. */
export async function verifyCatalogue(settings: DatabasesSettings, modules: readonly Module[]): Promise<string[]> {
  const databases = new Databases(settings)
  const perTarget = databases.migrationTargets().map(({ name, kind, url }) =>
    withClient(url, async (client) => {
      const differences = await compareCatalogue(client, kind === 'control' ? 'control' : 'cell', modules)
      return differences.map((difference) => `${name}: ${difference}`)
    }),
  )
  const differences = await Promise.all(perTarget)
  await databases.end()
  return differences.flat()
}
