import { setTimeout as wait } from 'node:timers/promises'
import type { Database } from '#kernel/database/database'
import type { FleetMirror } from '#kernel/database/fleet'
import type { TargetReport } from '#kernel/database/fleet-survey'
import { fleetHold, forgetUnseen, lagging, mirrorExists, serverNow, writeReports } from './store.ts'

/** A run asks at most so often whether it is held, whatever the number of its workers. */
const holdAgeMaxMs = 500
/** Workers report hundreds of targets a second; what is written of them need not be newer than this. */
const writeEveryMs = 250

/** The mirror in the control database. What many workers report meanwhile is written in one statement. */
export class ControlMirror implements FleetMirror {
  readonly #control: Database
  readonly #whole: boolean
  readonly #waiting = new Map<string, TargetReport>()
  #writing: Promise<void> | undefined
  readonly #hurry = new AbortController()
  #failure: { error: unknown } | undefined
  #exists = false
  #beganAt = ''
  #held: Promise<boolean> | undefined
  #heldAtMs = Number.NEGATIVE_INFINITY

  /** Unless `whole` is false, a complete run has seen everything that there is, so that what it did not see is gone. */
  constructor(control: Database, { whole = true } = {}) {
    this.#control = control
    this.#whole = whole
  }

  keep(reports: readonly TargetReport[]): void {
    for (const report of reports) {
      // Who fails says nothing of the level, which was read shortly before and may not be written yet.
      const level = report.level ?? this.#waiting.get(report.target.name)?.level
      this.#waiting.set(report.target.name, { ...report, ...(level === undefined ? {} : { level }) })
    }
    this.#begin()
  }

  #begin(): void {
    this.#writing ??= this.#write()
      .catch((error: unknown) => {
        this.#failure ??= { error }
      })
      .finally(() => {
        this.#writing = undefined
      })
  }

  async #write(): Promise<void> {
    if (this.#beganAt === '') this.#beganAt = await serverNow(this.#control)
    this.#exists ||= await mirrorExists(this.#control)
    if (!this.#exists) this.#waiting.clear()
    while (this.#waiting.size > 0) {
      const reports = [...this.#waiting.values()]
      this.#waiting.clear()
      await writeReports(this.#control, reports)
      await wait(writeEveryMs, undefined, { signal: this.#hurry.signal }).catch(() => {})
    }
  }

  async unfinished(): Promise<ReadonlySet<string>> {
    const rows = await lagging(this.#control)
    return new Set(rows.filter(({ state }) => state !== 'behind').map(({ name }) => name))
  }

  async isHeld(): Promise<boolean> {
    if (this.#failure) throw this.#failure.error
    if (performance.now() - this.#heldAtMs > holdAgeMaxMs) {
      this.#heldAtMs = performance.now()
      this.#held = fleetHold(this.#control).then((hold) => hold !== undefined)
    }
    return this.#held ?? false
  }

  async finish(complete: boolean): Promise<void> {
    this.#hurry.abort()
    do {
      await this.#writing
      if (this.#failure) throw this.#failure.error
      if (this.#waiting.size > 0) this.#begin()
    } while (this.#writing)
    if (complete && this.#whole && this.#exists) await forgetUnseen(this.#control, this.#beganAt)
  }
}
