import type { Log } from '../observe/log.ts'
import type { Priority } from './priority.ts'

export interface ReportSettings {
  readonly everyMs: number
  /** After how many reports in a row with more than 1 % refused somebody is alerted. */
  readonly alertAfter: number
}

/** One line a second says what was shed; half a minute of it is no burst any more, and somebody has to look. */
const defaults: ReportSettings = { everyMs: 1_000, alertAfter: 30 }
const refusedShareMax = 0.01

/** Counts what was admitted and refused. While anything is refused, a line a second says how much: never one for each. */
export class ShedReport {
  readonly #log: Log
  readonly #counts: () => object
  readonly #settings: ReportSettings
  #admitted = 0
  #refused: Partial<Record<Priority, number>> = {}
  #inARow = 0
  #timer: NodeJS.Timeout | undefined

  /** `counts` are fields for the line: how things stand when it is written. */
  constructor(log: Log, counts: () => object, settings = defaults) {
    this.#log = log
    this.#counts = counts
    this.#settings = settings
  }

  admit(): void {
    this.#admitted += 1
  }

  refuse(priority: Priority): void {
    this.#refused[priority] = (this.#refused[priority] ?? 0) + 1
    if (this.#timer) return
    // What was admitted before the first refusal belongs to no report.
    this.#admitted = 0
    this.#timer = setInterval(() => this.#write(), this.#settings.everyMs).unref()
  }

  #write(): void {
    const refused = Object.values(this.#refused).reduce((sum, count) => sum + count, 0)
    if (refused === 0) return this.#end()
    this.#inARow = refused / (refused + this.#admitted) > refusedShareMax ? this.#inARow + 1 : 0
    const fields = { refused: this.#refused, admitted: this.#admitted, ...this.#counts() }
    if (this.#inARow < this.#settings.alertAfter) this.#log.warn(fields, 'requests were shed')
    else this.#log.error({ ...fields, alert: true }, 'requests are being shed for a while')
    this.#admitted = 0
    this.#refused = {}
  }

  #end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#inARow = 0
  }
}
