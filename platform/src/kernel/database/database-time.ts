import { LRUCache } from 'lru-cache'

/** What the calls of one operation by one tenant have cost the database since it was last taken away. */
export interface OperationTime {
  readonly tenantId: string
  readonly operation: string
  readonly calls: number
  /** From statements sent to replies received, added up, in ms. */
  readonly databaseMs: number
}

/** 1,000 tenants at work with 10 operations each; the pair that was last seen longest ago goes first. */
const pairsMax = 10_000

/** Counts the database's time by tenant and operation, in the memory of this process. */
export class DatabaseTime {
  readonly #pairs = new LRUCache<string, { -readonly [Field in keyof OperationTime]: OperationTime[Field] }>({
    max: pairsMax,
  })

  add(tenantId: string, operation: string, databaseMs: number, calls = 1): void {
    const key = `${tenantId} ${operation}`
    let pair = this.#pairs.get(key)
    if (!pair) this.#pairs.set(key, (pair = { tenantId, operation, calls: 0, databaseMs: 0 }))
    pair.calls += calls
    pair.databaseMs += databaseMs
  }

  /** All of it, counting from nothing after that: for whoever adds it up elsewhere. */
  take(): OperationTime[] {
    const taken = this.all()
    this.#pairs.clear()
    return taken
  }

  /** As it is now, the most expensive first. */
  all(): OperationTime[] {
    return Array.from(this.#pairs.values(), (pair) => ({ ...pair })).toSorted(
      (left, right) => right.databaseMs - left.databaseMs,
    )
  }
}
