import type { Placement, Tenant } from '../context.ts'
import { Failure } from '../errors/failure.ts'
import { tenantUnreachable } from '../errors/platform-failures.ts'
import { Database, type DatabaseSettings } from './database.ts'
import type { ReadAfter } from './log-position.ts'
import type { MigrationTarget } from './migrator.ts'
import { Replica } from './replica.ts'
import { bridgeSchema, databaseIn, schemaOf, siloName, templateOf, urlFor } from './roles.ts'
import type { Outbox, ReadPlace, Target } from './session.ts'
import type { SigningKey } from './signed-context.ts'
import { openCredential } from './silo-credential.ts'
import type { Silos } from './silos.ts'
import { sql, statementOf } from './statement.ts'

/** A database cluster with a region, in which tenants live in any of the three models. */
export interface CellSettings {
  /** Lower-case letters, digits and hyphens; stays as it is for good. */
  readonly name: string
  readonly region: string
  /** As tenantry_serving; may lead through a pooler. */
  readonly servingUrl: string
  /** As tenantry_migrator, direct. */
  readonly migratorUrl: string
  /** A streaming replica of the database in `servingUrl`, as tenantry_serving: takes reads that need not be newer. */
  readonly replicaUrl?: string
  /** Only tenants that name this cell come here, such as one that has a server of its own. */
  readonly reserved?: boolean
}

/** What a cell has of the installation. */
export interface CellParts {
  readonly settings: CellSettings
  readonly secret: string
  readonly connectionsMax: number
  readonly unnamedStatements: boolean
  readonly silos: Silos
  /** Each database has a signing key of its own: one that was read out opens no other. */
  readonly keyOf: (database: string) => SigningKey
}

const relayConnectionsMax = 2
/** What one silo gets of this process, one of it for look-ups (see fair-share.ts); its relay gets one more. */
const siloConnectionsMax = 3
const siloRelayIdleMs = 5_000

/** One cell as this process reaches it: its pool, the schemas of bridge tenants in it, and the silos on its server. */
export class Cell {
  readonly name: string
  readonly region: string
  readonly reserved: boolean
  readonly serving: Database
  readonly relay: Database
  readonly outbox: Outbox
  readonly replica: Replica | undefined
  readonly #parts: CellParts
  #closedBecause: string | undefined

  constructor(parts: CellParts) {
    this.#parts = parts
    const { name, region, servingUrl, replicaUrl, reserved = false } = parts.settings
    this.name = name
    this.region = region
    this.reserved = reserved
    this.serving = this.#open(this.#keyName, `cell ${name}`, servingUrl, parts.connectionsMax)
    const relayUrl = urlFor(servingUrl, { role: 'tenantry_relay', secret: parts.secret })
    this.relay = this.#open(this.#keyName, `cell ${name} as relay`, relayUrl, relayConnectionsMax)
    if (replicaUrl !== undefined) {
      const reading = this.#open(this.#keyName, `replica of cell ${name}`, replicaUrl, parts.connectionsMax)
      this.replica = new Replica(reading, this.serving)
    }
    this.outbox = { name: `pool of ${name}`, database: this.relay }
  }

  get #keyName(): string {
    return `cell ${this.name}`
  }

  #open(
    keyName: string,
    name: string,
    url: string,
    connectionsMax: number,
    more: Pick<DatabaseSettings, 'idleMs' | 'poolerUnseen'> = {},
  ): Database {
    const { unnamedStatements, keyOf } = this.#parts
    return new Database({ name, url, key: keyOf(keyName), connectionsMax, unnamedStatements, ...more })
  }

  /** Why nobody is served from here at the moment; undefined while somebody is. */
  get closedBecause(): string | undefined {
    return this.#closedBecause
  }

  /** Refuses every session of its tenants until it is opened again: it could not be brought to this release. */
  close(because: string): void {
    this.#closedBecause = because
  }

  open(): void {
    this.#closedBecause = undefined
  }

  /** Where the session of a tenant that lives here goes; without one, to the pool. */
  targetOf(tenant: Tenant | undefined): Target {
    if (this.#closedBecause !== undefined)
      throw new Failure(tenantUnreachable, {
        retryAfterSeconds: 10,
        cause: new Error(`cell ${this.name} is closed: ${this.#closedBecause}`),
      })
    const pool = { database: this.serving, outbox: this.outbox, ...(this.replica ? { replicatedAs: this.name } : {}) }
    if (!tenant || tenant.placement.model === 'pool') return pool
    if (tenant.placement.model === 'silo') return this.#silo(tenant)
    return { ...pool, ...this.#bridge(bridgeSchema(tenant.id)) }
  }

  /**
   * Where a tenant's reads may go instead, for somebody who wants to see what they wrote before; undefined when the replica
   * is not so far, or there is none, as for silos.
   */
  replicaFor(tenant: Tenant, readAfter: ReadAfter): ReadPlace | undefined {
    const { replica } = this
    if (!replica || tenant.placement.model === 'silo' || !replica.covers(readAfter.get(this.name))) return undefined
    const schema = tenant.placement.model === 'bridge' ? { schema: bridgeSchema(tenant.id) } : {}
    return { database: replica.database, ...schema, distrust: () => replica.distrust() }
  }

  #bridge(schema: string): { schema: string; outbox: Outbox } {
    return { schema, outbox: { name: schema, database: this.relay, schema } }
  }

  #silo(tenant: Tenant): Target {
    const name = siloName(tenant.id)
    const { silos, secret } = this.#parts
    return silos.targetOf(siloKey(tenant), () => {
      const { url } = this.servingLogin(tenant)
      const relayUrl = urlFor(url, { role: 'tenantry_relay', secret })
      return {
        serving: this.#open(name, name, url, siloConnectionsMax, { poolerUnseen: true }),
        relay: this.#open(name, `${name} as relay`, relayUrl, 1, { poolerUnseen: true, idleMs: siloRelayIdleMs }),
      }
    })
  }

  /** Lets go of a silo that is to be dropped. */
  forgetSilo(tenant: Tenant): void {
    this.#parts.silos.forget(siloKey(tenant))
  }

  /** How the rows of a tenant, or of the pool, are reached by whoever serves them: for attacks on it. */
  servingLogin(tenant?: Tenant): { url: string; schema: string; key: SigningKey } {
    const { settings, keyOf } = this.#parts
    const { servingUrl } = settings
    if (tenant?.placement.model !== 'silo') {
      const schema = tenant?.placement.model === 'bridge' ? bridgeSchema(tenant.id) : schemaOf.cell
      return { url: servingUrl, schema, key: keyOf(this.#keyName) }
    }
    const name = siloName(tenant.id)
    const password = this.#siloPassword(tenant)
    return {
      url: urlFor(servingUrl, { login: name, password, database: name }),
      schema: schemaOf.silo,
      key: keyOf(name),
    }
  }

  #siloPassword({ id, placement: { credential = '' } }: Tenant): string {
    return openCredential(credential, this.#parts.secret, id)
  }

  /** What making or dropping a silo takes, beside what any target takes. */
  siloOf(tenant: Tenant) {
    return {
      name: siloName(tenant.id),
      password: this.#siloPassword(tenant),
      templateDatabase: this.templateDatabase,
      provisionerUrl: this.provisionerUrl,
    }
  }

  /** Host and port: cells may share a server. */
  get server(): string {
    return new URL(this.#parts.settings.migratorUrl).host
  }

  get templateDatabase(): string {
    return templateOf(databaseIn(this.#parts.settings.servingUrl))
  }

  get provisionerUrl(): string {
    const { settings, secret } = this.#parts
    const database = databaseIn(settings.servingUrl)
    return urlFor(settings.migratorUrl, { role: 'tenantry_provisioner', secret, database })
  }

  /** Outboxes of its bridge tenants that may have something waiting. */
  async rungOutboxes(): Promise<Outbox[]> {
    const connection = await this.relay.connect()
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

  /** What its pool's tenants share. */
  poolTarget(): MigrationTarget {
    return this.#target({ name: `cell ${this.name}`, schema: schemaOf.cell })
  }

  /** What its silos are copied from. It is there where the server was prepared for silos. */
  templateTarget(): MigrationTarget {
    const database = this.templateDatabase
    return {
      ...this.#target({ name: `template of cell ${this.name}`, schema: schemaOf.silo, database }),
      isTemplate: true,
    }
  }

  /** The place of one tenant that has one of its own; undefined for a tenant of the pool. */
  migrationTargetOf(tenantId: string, { model }: Placement): MigrationTarget | undefined {
    if (model === 'pool') return undefined
    if (model === 'bridge')
      return { ...this.#target({ name: `bridge ${tenantId}`, schema: bridgeSchema(tenantId) }), tenantId }
    const silo = { name: `silo ${tenantId}`, schema: schemaOf.silo, database: siloName(tenantId) }
    return { ...this.#target(silo), tenantId }
  }

  #target(place: { name: string; schema: string; database?: string }): MigrationTarget {
    const { settings, keyOf } = this.#parts
    return {
      name: place.name,
      kind: 'tenant',
      schema: place.schema,
      url: urlFor(settings.migratorUrl, { database: place.database ?? databaseIn(settings.servingUrl) }),
      key: keyOf(place.database ?? this.#keyName),
      home: { cell: this.name, region: this.region },
    }
  }

  async end(): Promise<void> {
    await Promise.all([this.serving.end(), this.relay.end(), this.replica?.end()])
  }
}

function siloKey({ id, placement }: Tenant): string {
  return `${siloName(id)} ${placement.version}`
}
