import type { Database } from '#kernel/database/database'
import { isServerError } from '#kernel/database/server-error'
import { type Sql, sql, statementOf } from '#kernel/database/statement'
import type { PermitsTaken, PermitsWanted, RateStore } from '#kernel/rate/rate-store'
import { slicesPerWindow, windowMs } from '#kernel/rate/sliding-window'

const timeoutMs = 2_000
const sweptEveryMs = 300_000

/** Counts in the control database, by its clock. One round trip takes from any number of windows. */
export class PostgresRateStore implements RateStore {
  readonly #control: Database
  readonly #sliceMs: number
  #sweptAtMs = performance.now()
  #sweeping: Promise<unknown> = Promise.resolve()

  constructor(control: Database, lengthMs: number = windowMs) {
    this.#control = control
    this.#sliceMs = lengthMs / slicesPerWindow
  }

  async take(wanted: readonly PermitsWanted[]): Promise<PermitsTaken[]> {
    const sorted = wanted.toSorted((one, other) => (one.window < other.window ? -1 : 1))
    const rows = await this.#send<PermitsTaken>(
      sql`select granted, used, frees_in_ms from control.take_permits(
        ${sorted.map(({ window }) => window)}::text[],
        ${sorted.map((each) => each.wanted)}::int[],
        ${sorted.map(({ limit }) => limit)}::int[],
        ${this.#sliceMs}::int)`,
    )
    if (performance.now() > this.#sweptAtMs + sweptEveryMs) this.#sweep()
    const taken = new Map(sorted.map(({ window }, index) => [window, rows[index]]))
    return wanted.map(({ window }) => taken.get(window) as PermitsTaken)
  }

  /** What could not be deleted now is found again. */
  #sweep(): void {
    this.#sweptAtMs = performance.now()
    this.#sweeping = this.sweep().catch(() => {})
  }

  /** Deletes windows that nothing has been taken from for longer than they are. Others that work on them are left alone. */
  async sweep(): Promise<void> {
    await this.#send(
      sql`delete from control.rate_windows where name in (
        select name from control.rate_windows
        where slice < floor(extract(epoch from clock_timestamp()) * 1000 / ${this.#sliceMs}::int) - ${slicesPerWindow}
        for update skip locked)`,
    )
  }

  /** Who crashes may forget the last moments of a count, so that nobody waits for the disk. */
  async #send<Row>(text: Sql): Promise<Row[]> {
    const connection = await this.#control.connect()
    try {
      const replies = await connection.send([statementOf(withoutDisk), statementOf(text)], timeoutMs)
      connection.release(false)
      return (replies.at(-1)?.rows ?? []) as Row[]
    } catch (error) {
      connection.release(!isServerError(error))
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#sweeping
  }
}

const withoutDisk = sql`select set_config('synchronous_commit', 'off', true)`
