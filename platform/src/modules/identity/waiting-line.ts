import { Failure } from '#kernel/errors/failure'
import { unavailable } from '#kernel/errors/platform-failures'

export interface WaitingLineLimits {
  readonly atOnceMax: number
  readonly waitingMax: number
  /** What those are told who find the line full. */
  readonly retryAfterSeconds: number
}

/** Lets a few pieces of work run at a time, the others in the order in which they came. */
export class WaitingLine {
  readonly #limits: WaitingLineLimits
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(limits: WaitingLineLimits) {
    this.#limits = limits
  }

  /** Runs work when its turn comes. Fails with `platform.unavailable` when too many wait already. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    const { atOnceMax, waitingMax, retryAfterSeconds } = this.#limits
    if (this.#running < atOnceMax) {
      this.#running += 1
    } else {
      if (this.#waiting.length >= waitingMax) throw new Failure(unavailable, { retryAfterSeconds })
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    try {
      return await work()
    } finally {
      // Whoever waits takes this place over; only without anybody does it become free.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}
