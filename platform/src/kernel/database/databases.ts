import { createHash } from 'node:crypto'
import type { Placement, Tenant } from '../context.ts'
import type { TargetKind } from '../operation.ts'
import { Database } from './database.ts'
import type { MigrationTarget } from './migrator.ts'
import {
  bridgeSchema,
  databaseIn,
  derivedKey,
  type LoginRole,
  schemaOf,
  siloName,
  templateOf,
  urlFor,
} from './roles.ts'
import type { Outbox, Target } from './session.ts'
import type { SigningKey } from './signed-context.ts'
import { newCredential, openCredential } from './silo-credential.ts'
import { Silos } from './silos.ts'
import { sql, statementOf } from './statement.ts'

/** A database cluster with a region, in which tenants live. */
export interface Cell {
  readonly name: string
  readonly region: string
}

export interface DatabasesSettings {
  readonly servingUrl: string
  readonly migratorUrl: string
  readonly controlUrl: string
  readonly secret: string
  readonly connectionsMax: number
  readonly unnamedStatements: boolean
}

/** Small pools beside the serving one: few requests sign in, look a tenant up or change the directory. */
const identityConnectionsMax = 6
const controlConnectionsMax = 4
const directoryConnectionsMax = 4
const relayConnectionsMax = 2
/** What one silo gets of this process, one of it for look-ups (see fair-share.ts); its relay gets one more. */
const siloConnectionsMax = 3
const siloRelayIdleMs = 5_000

/** Every database of the installation, by the roles that this process uses. Pools open their connections when needed. */
export class Databases {
  readonly cell: Cell = { name: 'main', region: 'local' }
  /** Read by the serving role: the directory's look-up functions only. */
  readonly directory: Database
  readonly control: Database
  readonly identity: Database
  readonly serving: Database
  readonly relays: { readonly control: Database; readonly cell: Database }
  readonly #outboxes: { readonly control: Outbox; readonly pool: Outbox }
  readonly #silos = new Silos()
  readonly #settings: DatabasesSettings

  constructor(settings: DatabasesSettings) {
    this.#settings = settings
    const { controlUrl, servingUrl, connectionsMax } = settings
    const at = (url: string, role: LoginRole) => urlFor(url, { role, secret: settings.secret })
    this.control = this.#open('control', 'control as control', controlUrl, controlConnectionsMax)
    this.directory = this.#open(
      'control',
      'control as serving',
      at(controlUrl, 'tenantry_serving'),
      directoryConnectionsMax,
    )
    this.identity = this.#open(
      'control',
      'control as identity',
      at(controlUrl, 'tenantry_identity'),
      identityConnectionsMax,
    )
    this.serving = this.#open('cell', 'cell as serving', servingUrl, connectionsMax)
    this.relays = {
      control: this.#open('control', 'control as relay', at(controlUrl, 'tenantry_relay'), relayConnectionsMax),
      cell: this.#open('cell', 'cell as relay', at(servingUrl, 'tenantry_relay'), relayConnectionsMax),
    }
    this.#outboxes = {
      control: { name: 'control', database: this.relays.control },
      pool: { name: 'pool', database: this.relays.cell },
    }
  }

  #open(keyName: string, name: string, url: string, connectionsMax: number, idleMs?: number): Database {
    const { unnamedStatements } = this.#settings
    const idle = idleMs === undefined ? {} : { idleMs }
    return new Database({ name, url, key: this.keyOf(keyName), connectionsMax, unnamedStatements, ...idle })
  }

  /** Each database (`control`, `cell`, or a silo by its name) has a signing key of its own: one that was read out opens no other. */
  keyOf(database: string): SigningKey {
    const secret = derivedKey(this.#settings.secret, `contexts of ${database}`)
    return { id: createHash('sha256').update(secret).digest('hex').slice(0, 8), secret }
  }

  /** Where an operation's session goes. A tenant in a cell that this process does not know is a defect. */
  of(kind: TargetKind, tenant: Tenant | undefined): Target {
    if (kind === 'control') return { database: this.control, outbox: this.#outboxes.control }
    if (kind === 'identity') return { database: this.identity, outbox: this.#outboxes.control }
    const pool = { database: this.serving, outbox: this.#outboxes.pool }
    if (!tenant) return pool
    const { cell, model } = tenant.placement
    if (cell !== this.cell.name) throw new Error(`tenant ${tenant.id} is placed in ${cell}, which is not served here`)
    if (model === 'silo') return this.#silo(tenant)
    return model === 'bridge' ? { ...pool, ...this.#bridge(bridgeSchema(tenant.id)) } : pool
  }

  #bridge(schema: string): { schema: string; outbox: Outbox } {
    return { schema, outbox: { name: schema, database: this.relays.cell, schema } }
  }

  #silo(tenant: Tenant): Target {
    const name = siloName(tenant.id)
    const key = `${name} ${tenant.placement.version}`
    return this.#silos.targetOf(key, () => {
      const { url } = this.servingLogin(tenant)
      const relayUrl = urlFor(url, { role: 'tenantry_relay', secret: this.#settings.secret })
      return {
        serving: this.#open(name, name, url, siloConnectionsMax),
        relay: this.#open(name, `${name} as relay`, relayUrl, 1, siloRelayIdleMs),
      }
    })
  }

  /** How the rows of a tenant, or of the pool, are reached by whoever serves them: for attacks on it. */
  servingLogin(tenant?: Tenant): { url: string; schema: string; key: SigningKey } {
    const { servingUrl } = this.#settings
    if (tenant?.placement.model !== 'silo') {
      const schema = tenant?.placement.model === 'bridge' ? bridgeSchema(tenant.id) : schemaOf.cell
      return { url: servingUrl, schema, key: this.keyOf('cell') }
    }
    const name = siloName(tenant.id)
    const password = this.#siloPassword(tenant.id, tenant.placement)
    const url = urlFor(servingUrl, { login: name, password, database: name })
    return { url, schema: schemaOf.silo, key: this.keyOf(name) }
  }

  /** The same for the control database, where the serving role looks tenants up. */
  directoryLogin(): { url: string; schema: string; key: SigningKey } {
    const { controlUrl, secret } = this.#settings
    const url = urlFor(controlUrl, { role: 'tenantry_serving', secret })
    return { url, schema: schemaOf.control, key: this.keyOf('control') }
  }

  #siloPassword(tenantId: string, { credential = '' }: Placement): string {
    return openCredential(credential, this.#settings.secret, tenantId)
  }

  /** What making a silo takes, beside what any target takes. */
  siloOf({ id, placement }: Tenant) {
    const { migratorUrl, servingUrl, secret } = this.#settings
    return {
      name: siloName(id),
      password: this.#siloPassword(id, placement),
      templateDatabase: templateOf(databaseIn(servingUrl)),
      provisionerUrl: urlFor(migratorUrl, { role: 'tenantry_provisioner', secret, database: databaseIn(servingUrl) }),
    }
  }

  /** Where a tenant that is founded now will live. */
  newPlacement(tenantId: string, model: Placement['model'] = 'pool'): Placement {
    const credential = model === 'silo' ? newCredential(this.#settings.secret, tenantId) : undefined
    return { cell: this.cell.name, model, version: 1, ...(credential === undefined ? {} : { credential }) }
  }

  /** Looked into every second. */
  get outboxes(): readonly Outbox[] {
    return [this.#outboxes.control, this.#outboxes.pool]
  }

  /** Outboxes of single tenants that may have something waiting. */
  async rungOutboxes(): Promise<Outbox[]> {
    return [...this.#silos.outboxesToSweep(), ...(await this.#rungBells())]
  }

  async #rungBells(): Promise<Outbox[]> {
    const connection = await this.relays.cell.connect()
    try {
      const [reply] = await connection.send([statementOf(sql`select schema_name, rung from tenancy.bells`)])
      connection.release(false)
      const bells = (reply?.rows ?? []) as { schemaName: string; rung: number }[]
      return bells.map(({ schemaName, rung }) => ({ ...this.#bridge(schemaName).outbox, rung }))
    } catch (error) {
      connection.release(true)
      throw error
    }
  }

  /** What `migrate` works through for everybody: the control database first, because cells are listed there. */
  migrationTargets(): MigrationTarget[] {
    const { migratorUrl, controlUrl } = this.#settings
    return [
      {
        name: 'control',
        kind: 'control',
        schema: schemaOf.control,
        key: this.keyOf('control'),
        url: urlFor(migratorUrl, { database: databaseIn(controlUrl) }),
      },
      this.#cellTarget(`cell ${this.cell.name}`, schemaOf.cell),
    ]
  }

  /** What silos are copied from. It is there where the server was prepared for silos. */
  templateTarget(): MigrationTarget {
    const { migratorUrl, servingUrl } = this.#settings
    const database = templateOf(databaseIn(servingUrl))
    const url = urlFor(migratorUrl, { database })
    return {
      name: `template of cell ${this.cell.name}`,
      kind: 'tenant',
      schema: schemaOf.silo,
      key: this.keyOf(database),
      url,
    }
  }

  #cellTarget(name: string, schema: string): MigrationTarget {
    const { migratorUrl, servingUrl } = this.#settings
    const url = urlFor(migratorUrl, { database: databaseIn(servingUrl) })
    return { name, kind: 'tenant', schema, key: this.keyOf('cell'), url }
  }

  /** The place of one tenant that has one of its own; undefined for a tenant of the pool. */
  migrationTargetOf(tenantId: string, { model }: Placement): MigrationTarget | undefined {
    if (model === 'pool') return undefined
    if (model === 'bridge') return { ...this.#cellTarget(`bridge ${tenantId}`, bridgeSchema(tenantId)), tenantId }
    const name = siloName(tenantId)
    const url = urlFor(this.#settings.migratorUrl, { database: name })
    return { name: `silo ${tenantId}`, kind: 'tenant', schema: schemaOf.silo, key: this.keyOf(name), url, tenantId }
  }

  async end(): Promise<void> {
    const all = [this.control, this.directory, this.identity, this.serving, this.relays.control, this.relays.cell]
    await Promise.all([...all.map((database) => database.end()), this.#silos.end()])
  }
}
