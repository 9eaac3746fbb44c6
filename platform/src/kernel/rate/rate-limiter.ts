import { LRUCache } from 'lru-cache'
import type { Call } from '../call.ts'
import type { Actor, Tenant } from '../context.ts'
import { Failure } from '../errors/failure.ts'
import { tenantRateLimited } from '../errors/platform-failures.ts'
import type { Log } from '../observe/log.ts'
import type { Operation } from '../operation.ts'
import { Lease, type Standing } from './lease.ts'
import { limitOfOne, type RateClass, type RateLimits, rateClasses } from './limits.ts'
import type { RateStore } from './rate-store.ts'
import { SharedPermits } from './shared-permits.ts'

/** Windows that a process remembers, about 1 KB each. One that was forgotten is asked for anew. */
const leasesMax = 20_000

/** Whose requests are counted, and by which limits. */
interface Charged {
  readonly tenant: Pick<Tenant, 'id'>
  readonly actor: Pick<Actor, 'kind' | 'id' | 'support'>
  /** Of the tenant's plan. */
  readonly limits: RateLimits
}

/** What a tenant has used of one of its limits. */
export interface RateUsage {
  readonly rate: RateClass
  readonly used: number
  readonly limit: number
  /** Milliseconds until something of that is free again; 0 when nothing is used. */
  readonly freesInMs: number
}

/**
 * Counts requests of tenants, users and keys in sliding windows that all processes share. A process holds a few permits
 * ahead of need (see lease.ts), so that a request almost never waits for the store. Without the store each process goes by
 * what it let through itself: by the whole limit for reads and writes, by half of it for what is heavy.
 */
export class RateLimiter {
  readonly #permits: SharedPermits
  readonly #leases = new LRUCache<string, Lease>({ maxSize: leasesMax, sizeCalculation: () => 1 })

  constructor(store: RateStore, log: Log) {
    this.#permits = new SharedPermits(store, log)
  }

  /**
   * Counts one request of somebody who belongs to the tenant, notes in `call.known` how the limits stand, and throws
   * `tenant.rate_limited` when one is reached: what is refused is not counted. Undefined when that is done, as nearly always:
   * a promise that is there already would cost each request a turn of its own.
   */
  charge(
    operation: Pick<Operation, 'rate' | 'tenantFrom'>,
    call: Pick<Call, 'via' | 'known'>,
    charged: Charged,
  ): Promise<void> | undefined {
    // Who found the tenant in an invitation, or is staff, does not belong to it; the rest is the platform's own work.
    if (operation.tenantFrom || call.via === 'command' || call.via === 'relay') return undefined
    const leases = this.#leasesFor(operation.rate, charged)
    if (leases.length === 0) return undefined
    const nowMs = performance.now()
    if (this.#permits.lost || !areHeld(leases, nowMs)) return this.#chargeOnceHeld(leases, operation.rate, call)
    call.known.rates = this.#use(leases, nowMs).standings
    return undefined
  }

  async #chargeOnceHeld(leases: readonly Lease[], rate: RateClass, { known }: Pick<Call, 'known'>): Promise<void> {
    const { standings, refused } = await this.#take(leases, rate)
    known.rates = standings
    if (refused.length === 0) return
    const waitMs = Math.max(...refused.map(({ freesInMs }) => freesInMs))
    throw new Failure(tenantRateLimited, { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)) })
  }

  #leasesFor(rate: RateClass, { tenant, actor, limits }: Charged): Lease[] {
    const limit = limits[rate]
    if (limit === Number.POSITIVE_INFINITY) return []
    const who = actor.kind === 'person' ? 'user' : 'key'
    return [
      this.#lease(windowOf(tenant.id, rate), `tenant-${rate}`, limit),
      this.#lease(
        `${tenant.id} ${who} ${actor.support?.staffId ?? actor.id} ${rate}`,
        `${who}-${rate}`,
        limitOfOne(limit),
      ),
    ]
  }

  #lease(window: string, name: string, limit: number): Lease {
    let lease = this.#leases.get(window)
    if (!lease) {
      lease = new Lease(window, name, limit)
      this.#leases.set(window, lease)
    }
    lease.limit = limit
    return lease
  }

  async #take(leases: readonly Lease[], rate: RateClass): Promise<Outcome> {
    for (;;) {
      const nowMs = performance.now()
      if (this.#permits.lost) return this.#takeAlone(leases, rate, nowMs)
      if (areHeld(leases, nowMs)) return this.#use(leases, nowMs)
      const lacking = leases.filter((lease) => !lease.isHeld(nowMs))
      const refused = lacking.filter((lease) => lease.isRefused(nowMs))
      if (refused.length > 0) return outcomeOf(leases, refused, (lease) => lease.standing(nowMs))
      await Promise.all(lacking.map((lease) => this.#permits.fill(lease, 1)))
    }
  }

  #use(leases: readonly Lease[], nowMs: number): Outcome {
    for (const lease of leases) {
      lease.use(nowMs)
      if (lease.isLow(nowMs)) void this.#permits.fill(lease, 0)
    }
    return outcomeOf(leases, [], (lease) => lease.standing(nowMs))
  }

  #takeAlone(leases: readonly Lease[], rate: RateClass, nowMs: number): Outcome {
    const limitOf = (lease: Lease) => (rate === 'heavy' ? Math.ceil(lease.limit / 2) : lease.limit)
    const refused = leases.filter((lease) => lease.own.used(nowMs) >= limitOf(lease))
    if (refused.length === 0) for (const lease of leases) lease.own.add(nowMs)
    const [first] = leases
    if (first) this.#permits.askAgain(first)
    return outcomeOf(leases, refused, (lease) => lease.standingAlone(nowMs, limitOf(lease)))
  }

  /** What the tenant has used of the limits that it has, by all processes; without the store, by this one. */
  async usage(tenantId: string, limits: RateLimits): Promise<RateUsage[]> {
    const limited = rateClasses.filter((rate) => limits[rate] !== Number.POSITIVE_INFINITY)
    const taken = await this.#permits.look(
      limited.map((rate) => ({ window: windowOf(tenantId, rate), limit: limits[rate] })),
    )
    const nowMs = performance.now()
    return limited.map((rate, index) => {
      const own = this.#leases.get(windowOf(tenantId, rate))?.own
      const alone = { used: own?.used(nowMs) ?? 0, freesInMs: own?.freesInMs(nowMs) ?? 0 }
      const { used, freesInMs } = taken?.[index] ?? alone
      return { rate, used, limit: limits[rate], freesInMs }
    })
  }

  async close(): Promise<void> {
    await this.#permits.close()
  }
}

interface Outcome {
  readonly standings: readonly Standing[]
  /** Those that have nothing left. */
  readonly refused: readonly Standing[]
}

function outcomeOf(
  leases: readonly Lease[],
  refused: readonly Lease[],
  standingOf: (lease: Lease) => Standing,
): Outcome {
  return { standings: leases.map(standingOf), refused: refused.map(standingOf) }
}

function areHeld(leases: readonly Lease[], nowMs: number): boolean {
  return leases.every((lease) => lease.isHeld(nowMs))
}

function windowOf(tenantId: string, rate: RateClass): string {
  return `${tenantId} tenant ${rate}`
}
