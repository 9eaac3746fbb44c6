import type { Outbox } from '../database/session.ts'
import type { Log } from '../observe/log.ts'

const workersMax = 2

interface LaneParts {
  /** Adds the outbox again when there was a message in it. */
  readonly carryOne: (outbox: Outbox) => Promise<void>
  /** Told when nothing waits any more. */
  readonly idle: () => void
  readonly log: Log
}

/**
 * The outboxes of one database that may have something waiting, taken in turns: one message of each, so that a bridge
 * tenant with many does not make the others wait for its last.
 */
export class Lane {
  readonly #parts: LaneParts
  readonly #waiting = new Map<string, Outbox>()
  readonly #workers = new Set<Promise<void>>()
  #working = 0
  #stopping = false

  constructor(parts: LaneParts) {
    this.#parts = parts
  }

  add(outbox: Outbox): void {
    this.#waiting.set(outbox.name, outbox)
    if (this.#working === workersMax || this.#stopping) return
    const worker = this.#work()
    this.#workers.add(worker)
    void worker.finally(() => this.#workers.delete(worker))
  }

  /** Takes no new messages, and waits for those in hand. */
  async stop(): Promise<void> {
    this.#stopping = true
    await Promise.all(this.#workers)
  }

  async #work(): Promise<void> {
    const { carryOne, idle, log } = this.#parts
    this.#working++
    for (let next = this.#next(); next && !this.#stopping; next = this.#next()) {
      const { name } = next
      await carryOne(next).catch((error: unknown) =>
        log.warn({ error, outbox: name }, 'the relay could not read its outbox'),
      )
    }
    this.#working--
    if (this.#working === 0) idle()
  }

  #next(): Outbox | undefined {
    const [first] = this.#waiting.values()
    if (first) this.#waiting.delete(first.name)
    return first
  }
}
