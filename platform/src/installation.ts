import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Actor } from '#kernel/context'
import { compareCatalogue } from '#kernel/database/catalogue'
import { Databases, type DatabasesSettings } from '#kernel/database/databases'
import { readMigrations } from '#kernel/database/migration-files'
import { type Manifest, type MigrationProgress, migrateUp } from '#kernel/database/migrator'
import { withClient } from '#kernel/database/prepare'
import { derivedKey } from '#kernel/database/roles'
import { newId } from '#kernel/id'
import type { Module, Product } from '#kernel/module'
import type { Log } from '#kernel/observe/log'
import type { Operation } from '#kernel/operation'
import { OutboxRelay } from '#kernel/outbox/relay'
import { Admission } from '#kernel/overload/admission'
import { Pages } from '#kernel/page'
import { Pipeline } from '#kernel/pipeline'
import { Ports } from '#kernel/port'
import { systemPermissions, updateSystemRoles } from '#modules/access'
import { type IdentityProvider, identityProvider, Throttle, throttle } from '#modules/identity'
import { type Mailer, mailer, sender } from '#modules/mail'
import { manifestPermissions } from '#modules/tenants'
import { RememberedGates } from './gates.ts'
import { platformModules } from './platform-modules.ts'

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

/** One running installation: the product's and the platform's modules, put together over its databases. */
export class Installation {
  readonly modules: readonly Module[]
  readonly operations: readonly Operation[]
  readonly databases: Databases
  readonly admission: Admission
  readonly pipeline: Pipeline
  readonly relay: OutboxRelay
  readonly gates: RememberedGates

  constructor(settings: InstallationSettings) {
    const { product, identity, log, now = () => new Date() } = settings
    this.modules = [...platformModules, ...product.modules]
    this.operations = this.modules.flatMap((module) => module.operations)
    this.databases = new Databases(settings.databases)
    this.gates = new RememberedGates({ databases: this.databases, identity, log })
    const ports = new Ports()
      .bind(identityProvider, identity)
      .bind(throttle, new Throttle(this.databases.identity))
      .bind(mailer, settings.mailer)
      .bind(sender, { productName: product.name, publicUrl: settings.publicUrl })
      .bind(manifestPermissions, systemPermissions(this.modules))
    const { databases, gates } = this
    this.relay = new OutboxRelay({
      gates,
      targets: databases,
      ports,
      log,
      now,
      jobs: this.modules.flatMap((module) => module.jobs),
      listeners: this.modules.flatMap((module) => module.listeners),
      outboxes: [
        { database: databases.relays.control, fedBy: [databases.control, databases.identity] },
        { database: databases.relays.cell, fedBy: [databases.serving] },
      ],
    })
    const pages = new Pages(derivedKey(settings.databases.secret, 'cursors'))
    this.admission = new Admission({ connections: settings.databases.connectionsMax, log })
    const { admission } = this
    this.pipeline = new Pipeline({ admission, gates, targets: databases, relay: this.relay, pages, ports, log, now })
  }

  /** Runs an operation as somebody the caller vouches for: demo data, the command line. */
  async call(operation: Operation, actor: Actor, input: object, tenant?: string): Promise<unknown> {
    const answer = await this.pipeline.execute(operation, {
      input,
      credentials: { actor },
      tenant,
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

  async close(): Promise<void> {
    await this.relay.stop()
    await this.databases.end()
  }
}

/**
 * Brings every database of the installation to this release: its schema, and what the modules permit the system roles
 * of each tenant. Returns how many migrations were applied.
 */
export async function migrate(
  settings: DatabasesSettings,
  modules: readonly Module[],
  progress?: MigrationProgress,
): Promise<number> {
  const databases = new Databases(settings)
  const migrations = await readMigrations(migrationSources(modules))
  const manifest = manifestOf(modules)
  let applied = 0
  for (const target of databases.migrationTargets()) {
    applied += await migrateUp(target, migrations, { manifest, ...(progress ? { progress } : {}) })
  }
  await databases.end()
  return applied
}

/** What the modules permit the system roles, as rows of every tenant schema. */
function manifestOf(modules: readonly Module[]): Manifest {
  const permissions = systemPermissions(modules)
  return {
    digest: createHash('sha256').update(JSON.stringify(permissions)).digest('hex'),
    apply: (client) => updateSystemRoles(client, permissions),
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

/** Where migrations are: the kernel's first, then the modules' in the order in which they were put together. */
export function migrationSources(modules: readonly Module[]): { module: string; folder: string }[] {
  const own = modules.flatMap((module) =>
    module.folder === undefined ? [] : { module: module.name, folder: module.folder },
  )
  return [{ module: 'kernel', folder: join(import.meta.dirname, 'kernel/database') }, ...own]
}
