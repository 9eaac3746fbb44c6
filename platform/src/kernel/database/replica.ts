import type { Database } from './database.ts'
import { positionOf } from './log-position.ts'
import { sql, statementOf } from './statement.ts'

/** How often it is looked how far the replica is. Until then a caller who has written reads from the primary. */
const lookEveryMs = 200
/** A replica that is further behind is not read from by anybody. */
const lagMaxMs = 5_000

/**
 * A streaming replica of a cell's database, and how far it is. Nobody asks it for something that it may not have yet:
 * positions only grow, so what was reached when we looked is reached for good.
 */
export class Replica {
  readonly database: Database
  readonly #primary: Database
  #replayed = 0n
  /** When the primary was where the replica is by now. */
  #freshAsOfMs = Number.NEGATIVE_INFINITY
  /** Positions of the primary and when they were read, the oldest first. */
  #seen: { position: bigint; atMs: number }[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(database: Database, primary: Database) {
    this.database = database
    this.#primary = primary
  }

  /** Whether it can be asked by somebody who has written up to a position. The first question begins the watching. */
  covers(position: bigint | undefined): boolean {
    this.#timer ??= this.#watch()
    return (position ?? 0n) <= this.#replayed && performance.now() - this.#freshAsOfMs < lagMaxMs
  }

  /** Not asked for a while: it did not answer, or not in a way that helps. */
  distrust(): void {
    this.#freshAsOfMs = Number.NEGATIVE_INFINITY
    this.#seen = []
  }

  /** Where the primary's log is now. */
  async positionOfPrimary(): Promise<bigint> {
    return positionIn(this.#primary, sql`select pg_current_wal_insert_lsn()::text as lsn`)
  }

  #watch(): NodeJS.Timeout {
    let looking = false
    const timer = setInterval(() => {
      if (looking) return
      looking = true
      void this.#look()
        .catch(() => this.distrust())
        .finally(() => {
          looking = false
        })
    }, lookEveryMs)
    return timer.unref()
  }

  async #look(): Promise<void> {
    const atMs = performance.now()
    this.#seen.push({ position: await this.positionOfPrimary(), atMs })
    const replayed = await positionIn(this.database, sql`select coalesce(pg_last_wal_replay_lsn(), '0/0')::text as lsn`)
    // One that was built anew begins where it was copied.
    this.#replayed = replayed
    for (const { position, atMs: readAtMs } of this.#seen) if (position <= replayed) this.#freshAsOfMs = readAtMs
    this.#seen = this.#seen.filter(({ position, atMs: readAtMs }) => position > replayed && readAtMs > atMs - lagMaxMs)
  }

  async end(): Promise<void> {
    clearInterval(this.#timer)
    await this.database.end()
  }
}

async function positionIn(database: Database, text: ReturnType<typeof sql>): Promise<bigint> {
  const connection = await database.connect()
  try {
    const [reply] = await connection.send([statementOf(text)])
    connection.release(false)
    const [row] = (reply?.rows ?? []) as { lsn: string }[]
    return positionOf(row?.lsn ?? '0/0')
  } catch (error) {
    connection.release(true)
    throw error
  }
}
