import type { Tenant } from '#kernel/context'
import type { Cell } from '#kernel/database/cell'
import type { Databases } from '#kernel/database/databases'
import type { Place, Target } from '#kernel/database/session'
import { noTenant } from '#kernel/database/signed-context'
import type { Log } from '#kernel/observe/log'
import type { Signatures } from '#kernel/signature'
import { type Chain, mirrorHeads, sealChain, tenantsWithUnsealed } from '#modules/audit'
import { tenantsOfOwnPlace } from './migrate.ts'
import { WrittenPlaces } from './written-places.ts'

/**
 * An event is sealed within 60 s: what this process wrote, at the next look; what another one left that was killed, at the
 * second look after that. This leaves room for a few thousand tenants at a time.
 */
const lookEveryMs = 15_000
/** What the server has no statistics of, because it was restored or crashed, is found by this. */
const lookEverywhereEveryMs = 600_000
const tenantsAtOnce = 1_000

/** What signatures of seals are for, beside other signatures of the installation. */
export const sealsPurpose = 'signature of audit seals'

export interface AuditSealingParts {
  readonly databases: Databases
  readonly signatures: Signatures
  readonly tenantOf: (id: string) => Promise<Tenant | undefined>
  readonly log: Log
  readonly now: () => Date
}

/**
 * Seals the audit log of every tenant a few seconds after it was written, so that nobody who writes waits for it. Every
 * process does it; at one chain there is one at a time.
 */
export class AuditSealing {
  readonly #parts: AuditSealingParts
  readonly #written: WrittenPlaces
  #timer: NodeJS.Timeout | undefined
  #sealing: Promise<void> | undefined
  #lookEverywhereAtMs = Number.NEGATIVE_INFINITY
  #stopping = false

  constructor(parts: AuditSealingParts) {
    this.#parts = parts
    this.#written = new WrittenPlaces(parts.log)
  }

  start(): void {
    const seal = () => {
      this.#sealing ??= this.sealWaiting()
        .catch((error: unknown) => this.#parts.log.warn({ error }, 'audit logs could not be sealed; they will be'))
        .finally(() => {
          this.#sealing = undefined
        })
    }
    seal()
    this.#timer = setInterval(seal, lookEveryMs)
    this.#timer.unref()
  }

  /** Ends after the chain in hand. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearInterval(this.#timer)
    await this.#sealing
  }

  /** Seals what waits now. A chain that cannot be sealed is logged, and tried again at the next look. */
  async sealWaiting(): Promise<void> {
    const { databases, log } = this.#parts
    const open = databases.cells.filter(({ closedBecause }) => closedBecause === undefined)
    const shared = [databases.of('control', undefined), ...open.map((cell) => cell.targetOf(undefined))]
    for (const target of shared)
      await this.#sealShared(target).catch((error: unknown) =>
        log.warn({ error, outbox: target.outbox.name }, 'whose audit log is not sealed could not be seen'),
      )
    for await (const tenant of this.#tenantsToLookAt(open))
      await this.#seal(tenant.id, () => databases.cellOf(tenant).targetOf(tenant))
  }

  async #sealShared(target: Target): Promise<void> {
    for (let last: string | undefined; ; ) {
      const tenants = await tenantsWithUnsealed(target.outbox, last, tenantsAtOnce)
      for (const tenantId of tenants) await this.#seal(tenantId, () => target)
      if (tenants.length < tenantsAtOnce) return
      last = tenants.at(-1)
    }
  }

  async *#tenantsToLookAt(open: readonly Cell[]): AsyncGenerator<Tenant> {
    const { databases, tenantOf } = this.#parts
    const visited = databases.takeVisited()
    yield* visited
    const own = new Set(visited.map(({ id }) => id))
    for (const id of await this.#written.atRest(open)) {
      const tenant = own.has(id) ? undefined : await tenantOf(id)
      if (tenant && isServed(tenant)) yield tenant
    }
    if (performance.now() < this.#lookEverywhereAtMs) return
    this.#lookEverywhereAtMs = performance.now() + lookEverywhereEveryMs
    for await (const tenant of tenantsOfOwnPlace(databases)) if (isServed(tenant)) yield tenant
  }

  async #seal(tenantId: string, placeOf: () => Place): Promise<void> {
    const { databases, signatures, now, log } = this.#parts
    if (this.#stopping) return
    try {
      const place = placeOf()
      const chain: Chain = { tenantId, kind: place.database === databases.control ? 'control' : 'cell', place }
      await sealChain(chain, signatures, now().toISOString())
      // Also when there was nothing to seal: whoever sealed it may have been killed before this.
      const other = await otherPlace(this.#parts, chain)
      if (other) await mirrorHeads(chain, other)
    } catch (error) {
      log.warn({ error, tenant_id: tenantId }, 'an audit log could not be sealed; it will be tried again')
    }
  }
}

/** The database that keeps the heads of a chain: for one in a cell the control database, and the reverse. */
export async function otherPlace(
  { databases, tenantOf }: Pick<AuditSealingParts, 'databases' | 'tenantOf'>,
  { tenantId, kind }: Chain,
): Promise<Place | undefined> {
  if (kind === 'cell') return { database: databases.control }
  // What belongs to no tenant is in the first cell.
  if (tenantId === noTenant) return databases.cells[0].targetOf(undefined)
  const tenant = await tenantOf(tenantId)
  return tenant && isServed(tenant) ? databases.cellOf(tenant).targetOf(tenant) : undefined
}

/** Who is being founded has no place yet; of a purged tenant nothing is left. */
function isServed({ state }: Tenant): boolean {
  return state !== 'provisioning' && state !== 'purged'
}
