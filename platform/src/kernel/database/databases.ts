import { createHash } from 'node:crypto'
import type { Placement, PlacementWish, Tenant } from '../context.ts'
import { Failure } from '../errors/failure.ts'
import { placeUnknown, tenantOutsideRegion, tenantUnreachable } from '../errors/platform-failures.ts'
import type { TargetKind } from '../operation.ts'
import { Cell, type CellSettings } from './cell.ts'
import { Database } from './database.ts'
import { beyondReplicas, type ReadAfter } from './log-position.ts'
import type { MigrationTarget } from './migrator.ts'
import { databaseIn, derivedKey, type LoginRole, schemaOf, urlFor } from './roles.ts'
import type { Outbox, ReadPlace, Target } from './session.ts'
import type { SigningKey } from './signed-context.ts'
import { newCredential } from './silo-credential.ts'
import { Silos } from './silos.ts'

export interface DatabasesSettings {
  readonly controlUrl: string
  /** At least one. The first is where everything without a tenant goes, and shares its server with the control database. */
  readonly cells: readonly [CellSettings, ...CellSettings[]]
  readonly secret: string
  /** Of each cell's pool. */
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
  /** Read by the serving role: the directory's look-up functions only. */
  readonly directory: Database
  readonly control: Database
  readonly identity: Database
  readonly cells: readonly [Cell, ...Cell[]]
  readonly #controlRelay: Database
  readonly #silos = new Silos()
  readonly #visited = new Map<string, Tenant>()
  readonly #settings: DatabasesSettings

  constructor(settings: DatabasesSettings) {
    this.#settings = settings
    const { secret, connectionsMax, unnamedStatements } = settings
    this.control = this.#openControl('control', settings.controlUrl, controlConnectionsMax)
    this.directory = this.#openControl('serving', this.#controlAs('tenantry_serving'), directoryConnectionsMax)
    this.identity = this.#openControl('identity', this.#controlAs('tenantry_identity'), identityConnectionsMax)
    this.#controlRelay = this.#openControl('relay', this.#controlAs('tenantry_relay'), relayConnectionsMax)
    const keyOf = (database: string) => this.keyOf(database)
    const common = { secret, connectionsMax, unnamedStatements, silos: this.#silos, keyOf }
    const [first, ...others] = settings.cells
    const cell = (each: CellSettings) => new Cell({ ...common, settings: each })
    this.cells = [cell(first), ...others.map(cell)]
  }

  #openControl(as: string, url: string, connectionsMax: number): Database {
    const { unnamedStatements } = this.#settings
    const key = this.keyOf('control')
    return new Database({ name: `control as ${as}`, url, key, connectionsMax, unnamedStatements })
  }

  #controlAs(role: LoginRole): string {
    const { controlUrl, secret } = this.#settings
    return urlFor(controlUrl, { role, secret })
  }

  /** Of `control`, `cell <name>`, or a silo by its name: one that was read out opens no other database. */
  keyOf(database: string): SigningKey {
    const secret = derivedKey(this.#settings.secret, `contexts of ${database}`)
    return { id: createHash('sha256').update(secret).digest('hex').slice(0, 8), secret }
  }

  cellNamed(name: string): Cell | undefined {
    return this.cells.find((cell) => cell.name === name)
  }

  /**
   * Where an operation's session goes. Throws `tenant.unreachable` when the tenant's cell is none of this installation or
   * is closed, and `tenant.outside_region` when that cell is in another region than the tenant was founded for.
   */
  of(kind: TargetKind, tenant: Tenant | undefined): Target {
    if (kind === 'control') return { database: this.control, outbox: this.#controlOutbox }
    if (kind === 'identity') return { database: this.identity, outbox: this.#controlOutbox }
    if (tenant && tenant.placement.model !== 'pool') this.#visited.set(tenant.id, tenant)
    return (tenant ? this.cellOf(tenant) : this.cells[0]).targetOf(tenant)
  }

  /** Tenants with a place of their own for whom this process has worked since it was last asked. */
  takeVisited(): Tenant[] {
    const visited = [...this.#visited.values()]
    this.#visited.clear()
    return visited
  }

  /** A replica that has all that the caller wrote before, for a tenant's reads; undefined: only the primary has. */
  replicaFor(tenant: Tenant, readAfter: ReadAfter): ReadPlace | undefined {
    return this.cellOf(tenant).replicaFor(tenant, readAfter)
  }

  /** How far the log of a tenant's cell is, where that matters to a replica. Asked after a commit, so it throws nothing. */
  async positionIn(tenant: Tenant): Promise<{ cell: string; position: bigint } | undefined> {
    const cell = this.cellNamed(tenant.placement.cell)
    if (!cell?.replica) return undefined
    const position = await cell.replica.positionOfPrimary().catch(() => beyondReplicas)
    return { cell: cell.name, position }
  }

  /** The cell of a tenant; throws as `of` does. */
  cellOf({ id, region, placement }: Tenant): Cell {
    const cell = this.cellNamed(placement.cell)
    if (!cell) {
      const cause = new Error(`tenant ${id} is placed in cell ${placement.cell}, which TENANTRY_CELLS does not name`)
      throw new Failure(tenantUnreachable, { retryAfterSeconds: 60, cause })
    }
    if (cell.region !== region) {
      const cause = new Error(`tenant ${id} belongs to region ${region}; its cell ${cell.name} is in ${cell.region}`)
      throw new Failure(tenantOutsideRegion, { retryAfterSeconds: 60, cause })
    }
    return cell
  }

  get #controlOutbox(): Outbox {
    return { name: 'control', database: this.#controlRelay }
  }

  /** How the serving role reaches the control database, where it looks tenants up: for attacks on it. */
  directoryLogin(): { url: string; schema: string; key: SigningKey } {
    return { url: this.#controlAs('tenantry_serving'), schema: schemaOf.control, key: this.keyOf('control') }
  }

  /**
   * Where a tenant that is founded now will live. Of the cells in the region that are open to everybody its id picks one,
   * so that tenants spread evenly. Throws `place.unknown` when there is no such region or cell.
   */
  newPlacement(tenantId: string, wish: PlacementWish = {}): { region: string; placement: Placement } {
    const { model = 'pool' } = wish
    const { name: cell, region } = this.#cellFor(tenantId, wish)
    const credential = model === 'silo' ? { credential: newCredential(this.#settings.secret, tenantId) } : {}
    return { region, placement: { cell, model, version: 1, ...credential } }
  }

  #cellFor(tenantId: string, { region, cell: wanted }: PlacementWish): Cell {
    const inRegion = this.cells.filter((cell) => region === undefined || cell.region === region)
    const open = inRegion.filter(({ reserved }) => !reserved)
    // Nobody is told of the region of a cell that is one customer's alone: only staff can name a cell.
    if (region !== undefined && (wanted === undefined ? open : inRegion).length === 0) {
      const everybodys = this.cells.filter(({ reserved }) => !reserved)
      const there = [...new Set(everybodys.map((cell) => cell.region))].join(', ')
      throw unknownPlace('#/region', `There is no region "${region}" open to everybody. There is: ${there}.`)
    }
    if (wanted !== undefined) {
      const there = inRegion.map(({ name }) => name).join(', ')
      const found = inRegion.find(({ name }) => name === wanted)
      if (!found) throw unknownPlace('#/cell', `There is no cell "${wanted}" to choose. There is: ${there}.`)
      return found
    }
    const inFirstRegion = region === undefined ? open.filter((cell) => cell.region === open[0]?.region) : open
    // Who is founded in a closed cell waits until it is open.
    const served = inFirstRegion.filter(({ closedBecause }) => closedBecause === undefined)
    const eligible = served.length > 0 ? served : inFirstRegion
    const picked = eligible[createHash('sha256').update(tenantId).digest().readUInt32BE() % eligible.length]
    if (!picked) throw unknownPlace('#/cell', 'Every cell is reserved: name one.')
    return picked
  }

  /** Looked into every second. What waits in a closed cell is left to processes that can serve it. */
  get outboxes(): readonly Outbox[] {
    return [this.#controlOutbox, ...this.#openCells.map(({ outbox }) => outbox)]
  }

  get #openCells(): readonly Cell[] {
    return this.cells.filter(({ closedBecause }) => closedBecause === undefined)
  }

  /** Outboxes of single tenants that may have something waiting. A cell that cannot be reached holds up no other. */
  async rungOutboxes(failed: (cell: string, error: unknown) => void): Promise<Outbox[]> {
    const asked = this.#openCells.map((cell) =>
      cell.rungOutboxes().catch((error: unknown) => {
        failed(cell.name, error)
        return []
      }),
    )
    return [...this.#silos.outboxesToSweep(), ...(await Promise.all(asked)).flat()]
  }

  controlTarget(): MigrationTarget {
    const [{ migratorUrl, region }] = this.#settings.cells
    return {
      name: 'control',
      kind: 'control',
      schema: schemaOf.control,
      key: this.keyOf('control'),
      url: urlFor(migratorUrl, { database: databaseIn(this.#settings.controlUrl) }),
      home: { cell: 'control', region },
    }
  }

  /** What everybody stands on: the control database first, because cells are of no use without it, then every pool. */
  sharedTargets(): MigrationTarget[] {
    return [this.controlTarget(), ...this.cells.map((cell) => cell.poolTarget())]
  }

  /** The place of one tenant that has one of its own; undefined for a tenant of a pool. Throws as `of` does. */
  migrationTargetOf(tenant: Tenant): MigrationTarget | undefined {
    return this.cellOf(tenant).migrationTargetOf(tenant.id, tenant.placement)
  }

  async end(): Promise<void> {
    const control = [this.control, this.directory, this.identity, this.#controlRelay]
    await Promise.all([...control, ...this.cells].map((each) => each.end()).concat(this.#silos.end()))
  }
}

function unknownPlace(pointer: string, detail: string): Failure {
  return new Failure(placeUnknown, { errors: [{ pointer, code: 'unknown', detail }] })
}
