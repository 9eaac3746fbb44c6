import type { Database } from '#kernel/database/database'
import type { DatabaseTime } from '#kernel/database/database-time'
import { Transaction } from '#kernel/database/session'
import { noTenant, systemActor } from '#kernel/database/signed-context'
import type { Log } from '#kernel/observe/log'
import { addDatabaseTime } from '#modules/analytics'

const flushEveryDefaultMs = 60_000
const timeoutMs = 10_000

/**
 * Carries the database time that this process has counted to the control database, once a minute and at its end, where
 * what all processes carry is added up. What a process had not carried when it was killed is lost: a minute of a measurement
 * that nobody is billed by. So is what the count itself drops when more than 10,000 pairs of tenant and operation come in a
 * minute. Time of the platform's own, in no tenant, is not carried.
 */
export class DatabaseTimeFlush {
  readonly #databaseTime: DatabaseTime
  readonly #control: Database
  readonly #log: Log
  readonly #timer: NodeJS.Timeout
  #flushing: Promise<void> = Promise.resolve()

  constructor(parts: { databaseTime: DatabaseTime; control: Database; log: Log; everyMs?: number }) {
    const { everyMs = flushEveryDefaultMs } = parts
    this.#databaseTime = parts.databaseTime
    this.#control = parts.control
    this.#log = parts.log
    this.#timer = setInterval(() => void this.flush(), everyMs)
    this.#timer.unref()
  }

  /** What could not be carried is counted again, and goes with the next flush. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flushOnce())
    return this.#flushing
  }

  async #flushOnce(): Promise<void> {
    const times = this.#databaseTime.take().filter(({ tenantId }) => tenantId !== noTenant)
    if (times.length === 0) return
    const identity = { tenantId: noTenant, actorId: systemActor }
    const deadlineMs = performance.now() + timeoutMs
    const transaction = new Transaction({ target: { database: this.#control }, identity, deadlineMs })
    try {
      await addDatabaseTime(transaction, new Date().toISOString().slice(0, 10), times)
      await transaction.commit([])
    } catch (error) {
      await transaction.rollback()
      for (const { tenantId, operation, databaseMs, calls } of times)
        this.#databaseTime.add(tenantId, operation, databaseMs, calls)
      this.#log.warn({ error }, 'the database time of tenants could not be carried to the control database yet')
    }
  }

  /** Carries the last of it. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }
}
