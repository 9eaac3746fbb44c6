import { createHash } from 'node:crypto'
import type { Placement, Tenant } from '../context.ts'
import type { TargetKind } from '../operation.ts'
import { Database } from './database.ts'
import type { MigrationTarget } from './migrator.ts'
import { type DatabaseKind, databaseIn, derivedKey, type LoginRole, schemaOf, urlFor } from './roles.ts'
import type { Target } from './session.ts'
import type { SigningKey } from './signed-context.ts'

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

/** Every database of the installation, by the roles that this process uses. Pools open their connections when needed. */
export class Databases {
  readonly cell: Cell = { name: 'main', region: 'local' }
  /** Read by the serving role: the directory's look-up functions only. */
  readonly directory: Database
  readonly control: Database
  readonly identity: Database
  readonly serving: Database
  readonly relays: { readonly control: Database; readonly cell: Database }
  readonly #settings: DatabasesSettings

  constructor(settings: DatabasesSettings) {
    this.#settings = settings
    this.control = this.#open('control', 'tenantry_control', settings.controlUrl, controlConnectionsMax)
    this.directory = this.#open(
      'control',
      'tenantry_serving',
      this.#derived('control', 'tenantry_serving'),
      directoryConnectionsMax,
    )
    this.identity = this.#open(
      'control',
      'tenantry_identity',
      this.#derived('control', 'tenantry_identity'),
      identityConnectionsMax,
    )
    this.serving = this.#open('cell', 'tenantry_serving', settings.servingUrl, settings.connectionsMax)
    this.relays = {
      control: this.#open('control', 'tenantry_relay', this.#derived('control', 'tenantry_relay'), relayConnectionsMax),
      cell: this.#open('cell', 'tenantry_relay', this.#derived('cell', 'tenantry_relay'), relayConnectionsMax),
    }
  }

  #open(kind: DatabaseKind, role: LoginRole, url: string, connectionsMax: number): Database {
    const name = `${kind} as ${role.replace('tenantry_', '')}`
    const { unnamedStatements } = this.#settings
    return new Database({ name, url, key: this.keyOf(kind), connectionsMax, unnamedStatements })
  }

  #derived(kind: DatabaseKind, role: LoginRole): string {
    const { controlUrl, servingUrl, secret } = this.#settings
    return urlFor(kind === 'control' ? controlUrl : servingUrl, { role, secret })
  }

  /** Each database has a signing key of its own, so that one that was read out opens no other. */
  keyOf(kind: DatabaseKind): SigningKey {
    const secret = derivedKey(this.#settings.secret, `contexts of ${kind}`)
    return { id: createHash('sha256').update(secret).digest('hex').slice(0, 8), secret }
  }

  /** Where an operation's session goes. A tenant in a cell or model that this process does not know is a defect. */
  of(kind: TargetKind, tenant: Tenant | undefined): Target {
    if (kind === 'control') return { database: this.control }
    if (kind === 'identity') return { database: this.identity }
    if (!tenant) return { database: this.serving }
    const { cell, model } = tenant.placement
    if (cell !== this.cell.name || model !== 'pool')
      throw new Error(`tenant ${tenant.id} is placed in ${cell} (${model}), which is not served here`)
    return { database: this.serving }
  }

  newPlacement(): Placement {
    return { cell: this.cell.name, model: 'pool', version: 1 }
  }

  /** What `migrate` works through: the control database first, because cells are listed there. */
  migrationTargets(): MigrationTarget[] {
    const { migratorUrl, controlUrl, servingUrl } = this.#settings
    return [
      {
        name: 'control',
        kind: 'control',
        schema: schemaOf.control,
        key: this.keyOf('control'),
        url: urlFor(migratorUrl, { database: databaseIn(controlUrl) }),
      },
      {
        name: `cell ${this.cell.name}`,
        kind: 'tenant',
        schema: schemaOf.cell,
        key: this.keyOf('cell'),
        url: urlFor(migratorUrl, { database: databaseIn(servingUrl) }),
      },
    ]
  }

  async end(): Promise<void> {
    const all = [this.control, this.directory, this.identity, this.serving, this.relays.control, this.relays.cell]
    await Promise.all(all.map((database) => database.end()))
  }
}
