import { Failure } from '../errors/failure.ts'
import { tooSlow, unavailable } from '../errors/platform-failures.ts'
import { noTenant } from './signed-context.ts'

/**
 * Of ten connections a tenant may hold two. With 32 callers scanning a million rows for one tenant on two cores, a read
 * of another took 0.6 ms with this limit and 2,400 ms without any, for a tenth of the scans (`npm run bench -- noise`).
 * At least two, so that a slow transaction of a tenant does not hold up all else that it does.
 */
const tenantsPerPool = 5
const heldByTenantMin = 2
/**
 * Whoever has been the only tenant for so long may hold more: a single customer, an import at night. With two of ten
 * connections every write of such a one costs this process half as much again, because it wakes for each reply by itself.
 */
const aloneAfterMs = 2_000
/** What even then stays free for the next tenant, who from their first call on counts as any other. */
const newcomersReserve = 2
/** Connections that tenants leave to look-ups without a tenant: every request may wait for one, and so does `/readyz`. */
const platformReserve = 1
/** Nobody waits longer, whatever their deadline: a 503 that comes soon can be answered by trying again. */
const waitMaxMs = 3_000
const waitingByTenantMax = 250
const waitingMax = 1_000
/** Whoever has waited too long is told so at most this late. One timer looks after all: one each took a fiftieth of a read. */
const overdueSeenEveryMs = 20
const retryAfterSeconds = 2

/** How many connections of a pool of that size a tenant may hold. */
export function heldByTenantMax(connectionsMax: number): number {
  return Math.max(heldByTenantMin, Math.floor(connectionsMax / tenantsPerPool))
}

interface Waiter {
  readonly deadlineMs: number
  readonly admit: () => void
  readonly refuse: (failure: Failure) => void
}

/** What one tenant, or the platform, has of the pool. */
interface Share {
  readonly tenantId: string
  /** By its plan: with twice the weight it may hold twice as many, and is next until it holds twice as many. */
  weight: number
  held: number
  /** In the order in which they came. */
  readonly waiting: Waiter[]
}

/**
 * Decides who may take a connection of one pool, and who is next when one comes back. Nobody waits in the pool itself,
 * where one tenant's many would stand before another's only one.
 *
 * - A tenant holds no more than its part, even when connections are free. Lending it the rest brought a tenth more scans
 *   and doubled the other tenant's slowest reads: what is lent comes back only when its statement ends, and until then
 *   the database's cores are as busy as with no limit at all. Who has been alone for two seconds harms nobody.
 * - What comes back goes to the platform's own look-ups first, which are short, then to whoever holds the least for their
 *   weight, then to whose last turn is longest ago. Holding counts, not turns: long transactions then get no more than short ones.
 * - Who waits does so within bounds of number and time, and takes nothing once their deadline has passed.
 *
 * Counts are of this process; each has its own pool.
 */
export class FairShare {
  readonly #connectionsMax: number
  readonly #heldByTenantsMax: number
  readonly #heldByTenantMax: number
  readonly #heldByLoneTenantMax: number
  /** The tenant that asked last, and since when no other has. */
  #latestTenantId = ''
  #aloneSinceMs = 0
  readonly #shares = new Map<string, Share>()
  /** Shares with somebody waiting, the one whose turn was longest ago first. */
  readonly #turns = new Set<Share>()
  #held = 0
  #heldByTenants = 0
  #waiting = 0
  /** Present while somebody waits. */
  #timer: NodeJS.Timeout | undefined

  constructor(connectionsMax: number) {
    this.#connectionsMax = connectionsMax
    this.#heldByTenantsMax = Math.max(1, connectionsMax - platformReserve)
    this.#heldByTenantMax = heldByTenantMax(connectionsMax)
    this.#heldByLoneTenantMax = Math.max(this.#heldByTenantMax, this.#heldByTenantsMax - newcomersReserve)
  }

  get waiting(): number {
    return this.#waiting
  }

  /**
   * Undefined when a connection may be taken at once, else a promise of one; each is to be given back by `giveBack`,
   * exactly once. `tenantId` is `noTenant` for the platform; `deadlineMs` is on the clock of `performance.now()`;
   * `weight` is 1 or more; absent, it stays what it was: who looks a tenant's permissions up does not know its plan.
   * Throws and rejects with `platform.unavailable` when too many wait or none came in time, with `platform.too_slow`
   * after the deadline.
   */
  take(tenantId: string, deadlineMs: number, weight?: number): Promise<void> | undefined {
    const nowMs = performance.now()
    if (deadlineMs <= nowMs) throw new Failure(tooSlow, { retryAfterSeconds })
    if (tenantId !== this.#latestTenantId && tenantId !== noTenant) {
      this.#latestTenantId = tenantId
      this.#aloneSinceMs = nowMs
    }
    const share = this.#shares.get(tenantId) ?? { tenantId, weight: 1, held: 0, waiting: [] }
    share.weight = weight ?? share.weight
    if (share.waiting.length > 0 || !this.#mayHoldMore(share)) return this.#wait(share, deadlineMs)
    this.#shares.set(tenantId, share)
    this.#hold(share, 1)
    return undefined
  }

  /** Whether somebody who waited was admitted. */
  giveBack(tenantId: string): boolean {
    const share = this.#shares.get(tenantId)
    if (!share || share.held === 0) throw new Error(`tenant ${tenantId} gives back a connection that it does not hold`)
    this.#hold(share, -1)
    this.#forgetUnused(share)
    let admitted = false
    for (let next = this.#next(); next; next = this.#next()) admitted = this.#admitFirst(next) || admitted
    return admitted
  }

  #mayHoldMore({ tenantId, weight, held }: Share): boolean {
    if (this.#held >= this.#connectionsMax) return false
    if (tenantId === noTenant) return true
    if (this.#heldByTenants >= this.#heldByTenantsMax) return false
    const heldMax = Math.min(this.#heldByTenantMax * weight, this.#heldByLoneTenantMax)
    return held < heldMax || (held < this.#heldByLoneTenantMax && this.#isAlone(tenantId))
  }

  #isAlone(tenantId: string): boolean {
    return tenantId === this.#latestTenantId && performance.now() - this.#aloneSinceMs > aloneAfterMs
  }

  #hold(share: Share, change: 1 | -1): void {
    share.held += change
    this.#held += change
    if (share.tenantId !== noTenant) this.#heldByTenants += change
  }

  #wait(share: Share, deadlineMs: number): Promise<void> {
    const full = share.waiting.length >= (share.tenantId === noTenant ? waitingMax : waitingByTenantMax)
    if (full || (share.tenantId !== noTenant && this.#waiting >= waitingMax))
      throw this.#refusal(share, 'Too many requests are waiting already.')
    return new Promise((admit, refuse) => {
      this.#shares.set(share.tenantId, share)
      share.waiting.push({ deadlineMs: Math.min(deadlineMs, performance.now() + waitMaxMs), admit, refuse })
      this.#turns.add(share)
      this.#waiting += 1
      if (!this.#timer) this.#watch()
    })
  }

  #watch(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#refuseOverdue()
      if (this.#waiting > 0) this.#watch()
    }, overdueSeenEveryMs)
  }

  #refuseOverdue(): void {
    const nowMs = performance.now()
    for (const share of this.#turns)
      for (const waiter of share.waiting.filter(({ deadlineMs }) => deadlineMs <= nowMs)) this.#giveUp(share, waiter)
  }

  /** The share that gets the next free connection; undefined when nobody waits who may hold one more. */
  #next(): Share | undefined {
    let next: Share | undefined
    for (const share of this.#turns) {
      if (!this.#mayHoldMore(share)) continue
      if (share.tenantId === noTenant) return share
      if (!next || share.held / share.weight < next.held / next.weight) next = share
    }
    return next
  }

  #admitFirst(share: Share): boolean {
    const waiter = share.waiting[0]
    if (!waiter) return false
    // Timers are late when this process is busy: whoever got a connection now could not use it any more.
    if (waiter.deadlineMs <= performance.now()) {
      this.#giveUp(share, waiter)
      return false
    }
    this.#hold(share, 1)
    this.#leave(share, waiter)
    if (this.#turns.delete(share)) this.#turns.add(share)
    waiter.admit()
    return true
  }

  #giveUp(share: Share, waiter: Waiter): void {
    this.#leave(share, waiter)
    waiter.refuse(this.#refusal(share, 'The database was too busy to begin in time.'))
    this.#forgetUnused(share)
  }

  #leave(share: Share, waiter: Waiter): void {
    share.waiting.splice(share.waiting.indexOf(waiter), 1)
    if (share.waiting.length === 0) this.#turns.delete(share)
    this.#waiting -= 1
  }

  #forgetUnused(share: Share): void {
    if (share.held === 0 && share.waiting.length === 0) this.#shares.delete(share.tenantId)
  }

  #refusal({ tenantId, held, waiting }: Share, detail: string): Failure {
    const whose = tenantId === noTenant ? 'the platform' : `tenant ${tenantId}`
    const cause = new Error(
      `${whose} holds ${held} connections and waits for ${waiting.length}; of ${this.#connectionsMax}, ${this.#held} are held, and ${this.#waiting} wait`,
    )
    return new Failure(unavailable, { detail, retryAfterSeconds, cause })
  }
}
