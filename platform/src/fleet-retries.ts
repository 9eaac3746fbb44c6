import { setTimeout as wait } from 'node:timers/promises'
import type { Databases } from '#kernel/database/databases'
import { migrateFleet } from '#kernel/database/fleet'
import { type Release, wantedOf } from '#kernel/database/fleet-survey'
import type { MigrationTarget } from '#kernel/database/migrator'
import type { Log } from '#kernel/observe/log'
import { ControlMirror, forgetTarget, foundedBelow } from '#modules/fleet'
import { migrationTargets } from './migrate.ts'

/** The rest waits: staff may have asked for hundreds, and customers are served from the same databases. */
const targetsAtOnce = 4
/** A process that is told to end has ten seconds or so until it is killed. */
const stopPatienceMs = 5_000

/** Brings single targets up in this process: for staff who have asked for it, and where a run of migrations came too early. */
export class FleetRetries {
  readonly #databases: Databases
  readonly #release: () => Promise<Release>
  readonly #log: Log
  readonly #waiting = new Set<string>()
  readonly #underWay = new Map<string, Promise<void>>()

  constructor(parts: { databases: Databases; release: () => Promise<Release>; log: Log }) {
    this.#databases = parts.databases
    this.#release = parts.release
    this.#log = parts.log
  }

  /** Returns at once; what comes of it is in the mirror. One that waits or is under way already is not begun twice. */
  begin(name: string): void {
    if (!this.#underWay.has(name)) this.#waiting.add(name)
    this.#beginWaiting()
  }

  /** While a release is rolled out, processes of the one before go on founding tenants, at their own level. */
  async beginFounded(level: number): Promise<void> {
    for (const name of await foundedBelow(this.#databases.control, level)) this.begin(name)
  }

  #beginWaiting(): void {
    for (const name of this.#waiting) {
      if (this.#underWay.size === targetsAtOnce) return
      this.#waiting.delete(name)
      const work = this.#bringUp(name)
        .catch((error: unknown) => this.#log.error({ error, target: name }, 'a target could not be brought up'))
        .finally(() => {
          this.#underWay.delete(name)
          this.#beginWaiting()
        })
      this.#underWay.set(name, work)
    }
  }

  async #bringUp(name: string): Promise<void> {
    const { control } = this.#databases
    const target = await this.#targetNamed(name)
    if (!target) return forgetTarget(control, name)
    // The targets that this run does not see are still there.
    const mirror = new ControlMirror(control, { whole: false })
    // Held since staff have asked: it stays as it is.
    if (await mirror.isHeld()) return
    const release = await this.#release()
    mirror.keep([{ target, state: 'running', wanted: wantedOf(target, release.migrations) }])
    try {
      const { failures } = await migrateFleet([target], release, { mirror, workers: 1 })
      for (const { error } of failures) this.#log.warn({ target: name, error }, 'a target has failed again')
    } finally {
      await mirror.finish(false)
    }
  }

  async #targetNamed(name: string): Promise<MigrationTarget | undefined> {
    for await (const target of migrationTargets(this.#databases)) if (target.name === name) return target
    return undefined
  }

  /** Begins nothing more, and waits a little for what is under way. What is cut off then, PostgreSQL takes back. */
  async stop(): Promise<void> {
    this.#waiting.clear()
    const ended = Promise.allSettled(this.#underWay.values())
    await Promise.race([ended, wait(stopPatienceMs, undefined, { ref: false })])
  }
}
