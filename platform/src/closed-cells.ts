import { setTimeout as wait } from 'node:timers/promises'
import type { Cell } from '#kernel/database/cell'
import { type FleetOutcome, migrateFleet } from '#kernel/database/fleet'
import { messageOf } from '#kernel/database/fleet-survey'
import type { Log } from '#kernel/observe/log'
import { ControlMirror } from '#modules/fleet'
import { verifyCatalogue } from './catalogue-verification.ts'
import type { Installation } from './installation.ts'
import { cellTargets, releaseOf } from './migrate.ts'

const tryAgainDefaultMs = 10_000
/** A process that is told to end has ten seconds or so until it is killed, and a migration may take minutes. */
const stopPatienceMs = 2_000

/**
 * Keeps closed what cannot be served yet: a cell whose database was down, or could not be brought to this release, when the
 * process started. It is tried again until it is as declared, and opened then; the other cells serve meanwhile.
 */
export class ClosedCells {
  readonly #installation: Installation
  readonly #log: Log
  readonly #tryAgainEveryMs: number
  #timer: NodeJS.Timeout | undefined
  #trying: Promise<void> | undefined

  constructor(installation: Installation, log: Log, { tryAgainEveryMs = tryAgainDefaultMs } = {}) {
    this.#installation = installation
    this.#log = log
    this.#tryAgainEveryMs = tryAgainEveryMs
  }

  /** Closes the cells that failed. Throws the first failure when no other cell is left. */
  close(failed: ReadonlyMap<string, Error>): void {
    const { cells } = this.#installation.databases
    for (const cell of cells) {
      const error = failed.get(cell.name)
      if (!error) continue
      cell.close(messageOf(error))
      this.#log.error({ alert: true, error, cell: cell.name }, 'a cell is closed: its tenants are not served')
    }
    const [first] = failed.values()
    if (first && this.#closed().length === cells.length) throw first
  }

  /** Begins to try again whatever is closed. */
  watch(): void {
    this.#timer = setInterval(() => {
      this.#trying ??= this.#tryAgain().finally(() => {
        this.#trying = undefined
      })
    }, this.#tryAgainEveryMs)
    this.#timer.unref()
  }

  /** Waits a little for what is under way. What is cut off then, PostgreSQL takes back. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.race([this.#trying, wait(stopPatienceMs, undefined, { ref: false })])
  }

  #closed(): Cell[] {
    return this.#installation.databases.cells.filter(({ closedBecause }) => closedBecause !== undefined)
  }

  async #tryAgain(): Promise<void> {
    for (const cell of this.#closed()) {
      await this.#open(cell).catch((error: unknown) => cell.close(messageOf(error)))
    }
  }

  async #open(cell: Cell): Promise<void> {
    const { databases, modules } = this.#installation
    const outcome = await this.#migrate(cell)
    const failed = outcome.failedCells.get(cell.name)
    if (failed) throw failed
    const { differences, failedCells } = await verifyCatalogue(databases, [cell], modules)
    const unseen = failedCells.get(cell.name)
    if (unseen) throw unseen
    if (differences.length > 0) throw new Error(`it is not as declared: ${differences.join('; ')}`)
    cell.open()
    this.#log.info({ cell: cell.name }, 'a cell is open again')
  }

  async #migrate(cell: Cell): Promise<FleetOutcome> {
    const { databases, modules } = this.#installation
    const mirror = new ControlMirror(databases.control, { whole: false })
    return migrateFleet(cellTargets(databases, [cell]), await releaseOf(modules), { mirror })
  }
}
