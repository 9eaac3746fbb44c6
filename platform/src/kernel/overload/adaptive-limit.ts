/** How long a window of measurement is (that of Envoy's examples): shorter sees too few operations, longer lets a queue grow. */
const windowMs = 100
/** A mean below this delays nobody, whatever is usual: the objective is 300 ms for 99 % of reads. */
const toleratedMsMin = 100
/** Beyond that, operations may take twice as long as they usually do. */
const toleratedRatio = 2
/** By how much one window can lower the limit at most (Netflix's Gradient2 does the same). */
const gradientMin = 0.5
/** How fast the usual time forgets a better one: it doubles after twelve minutes, so a new normal is accepted within hours. */
const usualGrowth = 1.0001

/** Two for each connection: one that works and one that is ready to. With fewer, connections would idle. */
const perConnectionMin = 2
/** A burst of so many short operations is done before anybody notices it, so it is no reason to refuse. */
const perConnectionAtStart = 20
/** A hundred times what the database does at once is never work, only waiting. */
const perConnectionMax = 100

/**
 * How many operations may be in work at the same time. It follows from how long they take: a mean above what is
 * tolerated lowers the limit by as much, one below raises it by its square root, as Envoy's gradient controller does.
 *
 * The mean comes from Little's law: the time that all operations spent in a window, by the number of those that were done
 * in it. So operations that are still in work count, and a database that stops answering is seen before the first
 * answer is late. Nothing is measured for each operation, and no timer runs.
 */
export class AdaptiveLimit {
  readonly #min: number
  readonly #start: number
  readonly #max: number
  readonly #now: () => number
  #limit: number
  #inWork = 0
  #changedAtMs: number
  #windowBeganMs: number
  /** Of the present window: time spent by all operations together, operations done, and most in work at once. */
  #spentMs = 0
  #done = 0
  #peak = 0
  /** The long-term minimum of the mean. */
  #usualMs = Number.POSITIVE_INFINITY

  /** `connections` is what the database can work on at once; `now` is a clock in ms that never jumps. */
  constructor(connections: number, now: () => number = () => performance.now()) {
    this.#min = perConnectionMin * connections
    this.#start = perConnectionAtStart * connections
    this.#max = perConnectionMax * connections
    this.#limit = this.#start
    this.#now = now
    this.#changedAtMs = this.#windowBeganMs = now()
  }

  get limit(): number {
    return this.#limit
  }

  get inWork(): number {
    return this.#inWork
  }

  /** An operation came into work. */
  add(): void {
    this.#passTime()
    this.#inWork += 1
    if (this.#inWork > this.#peak) this.#peak = this.#inWork
  }

  /** An operation is no longer in work. */
  remove(): void {
    this.#passTime()
    this.#inWork -= 1
  }

  /** An operation has succeeded: one that was refused on the way took no time that says anything. */
  countDone(): void {
    this.#done += 1
  }

  #passTime(): void {
    const nowMs = this.#now()
    this.#spentMs += this.#inWork * (nowMs - this.#changedAtMs)
    this.#changedAtMs = nowMs
    const lastedMs = nowMs - this.#windowBeganMs
    if (lastedMs < windowMs) return
    this.#adapt(lastedMs)
    this.#windowBeganMs = nowMs
    this.#spentMs = 0
    this.#done = 0
    this.#peak = this.#inWork
  }

  #adapt(lastedMs: number): void {
    const meanMs = this.#spentMs / Math.max(1, this.#done)
    if (this.#done > 0) this.#usualMs = Math.min(meanMs, this.#usualMs * usualGrowth)
    const toleratedMs = Math.max(toleratedMsMin, toleratedRatio * this.#usualMs)
    if (meanMs > toleratedMs) {
      // A few slow operations are no queue: with fewer in work than the least limit, there is nothing to lower it for.
      if (this.#spentMs / lastedMs < this.#min) return
      this.#limit = Math.max(this.#min, this.#limit * Math.max(gradientMin, toleratedMs / meanMs))
    } else if (this.#limit < this.#start || this.#peak >= this.#limit / 2) {
      // A limit that nobody comes near would grow without having been tried.
      this.#limit = Math.min(this.#max, this.#limit + Math.sqrt(this.#limit))
    }
  }
}
