/** A refusal over HTTP takes 30 µs of the processor and more, so these are 3 % of it. */
const perSecond = 1_000
/** So many may come in one moment. */
const burst = 200
/** Nobody is kept longer: with callers that come on new connections all the time, the kept ones are to be few. */
const delayMsMax = 500

/**
 * When refusals are sent. Usually at once. But callers that try again without waiting would ask for nothing but refusals
 * as fast as they can be written, and leave no processor to those who were let in: 300 of them took nine tenths of the
 * work. From a number in a second on, refusals are therefore spread over time, and such callers wait for theirs.
 */
export class RefusalPace {
  readonly #now: () => number
  /** When the last refusal was or will be due, if all keep their distance (GCRA, the leaky bucket as a meter). */
  #dueAtMs = Number.NEGATIVE_INFINITY

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** How long the next refusal has to wait, in ms. */
  next(): number {
    const nowMs = this.#now()
    const distanceMs = 1_000 / perSecond
    const earliestMs = nowMs - burst * distanceMs
    this.#dueAtMs = Math.min(Math.max(this.#dueAtMs, earliestMs) + distanceMs, nowMs + delayMsMax)
    return Math.max(0, this.#dueAtMs - nowMs)
  }
}
