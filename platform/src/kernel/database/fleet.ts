import { failureOf, type Release, surveyDatabase, type TargetReport, wantedOf } from './fleet-survey.ts'
import { WorkerConnection } from './migration-connection.ts'
import { bringUp, type MigrationProgress, type MigrationTarget, MigrationUnderWay, migrateUp } from './migrator.ts'

/** Brings a whole installation to one release: thousands of schemas, of which some may fail. */

/** Where the state of the fleet is kept, for people and for the next run. The truth is in the targets' own ledgers. */
export interface FleetMirror {
  /** Returns at once. What cannot be written fails the next `isHeld` or `finish`. */
  keep(reports: readonly TargetReport[]): void
  /** Names of the targets at which an earlier run failed, or was when it was killed. */
  unfinished(): Promise<ReadonlySet<string>>
  /** Whether somebody has asked the fleet to wait. */
  isHeld(): Promise<boolean>
  /** Resolves when everything is written. After a complete run it forgets the targets that were not seen. */
  finish(complete: boolean): Promise<void>
}

export interface FleetCount {
  /** Targets looked at so far. */
  readonly seen: number
  /** Of those, how many lacked something. */
  readonly behind: number
  readonly migrated: number
  readonly failed: number
}

export interface FleetOptions {
  readonly mirror: FleetMirror
  readonly workers?: number
  /** The run stops once so many tenants' targets have failed. */
  readonly failuresMax?: number
  /** Each step of what everybody stands on; of tenants there is only the count. */
  readonly progress?: MigrationProgress
  readonly changed?: (count: FleetCount) => void
}

export interface FleetOutcome extends FleetCount {
  /** Migrations applied, over all targets. */
  readonly applied: number
  readonly failures: readonly { readonly target: string; readonly error: string }[]
  /** Cells whose pool could not be brought up, and why: none of their tenants was tried. */
  readonly failedCells: ReadonlyMap<string, Error>
  /** Whether a newer release was at what everybody stands on. This one changes nothing there, and works with it. */
  readonly ahead: boolean
  /** Why not every tenant was tried: a canary failed, too many did, or somebody holds the fleet. */
  readonly stopped?: 'canary' | 'budget' | 'held'
}

type Targets = Iterable<MigrationTarget> | AsyncIterable<MigrationTarget>

/** How many tenants go first: when one of them fails, nobody else is touched. */
const canaryStages = [1, 10]
const workersDefault = 8
const failuresMaxDefault = 5
/** Targets at hand at once: memory does not grow with the fleet. */
const chunkSize = 500

/**
 * Brings every target up. `targets` begins with those that everybody stands on, the control database first, one after the
 * other. A failure of that one is thrown, and so is that of a cell when no other cell is well; else the cell's tenants are
 * left out, and the others go on. Then come the tenants' own, several at once: one that fails is reported, and
 * the others go on. What is done already is skipped, so that a run that was stopped or killed is resumed by the next.
 */
export async function migrateFleet(targets: Targets, release: Release, options: FleetOptions): Promise<FleetOutcome> {
  const run = new FleetRun(release, options)
  try {
    return await run.over(targets)
  } finally {
    await run.close()
  }
}

class FleetRun {
  readonly #release: Release
  readonly #options: FleetOptions
  readonly #connections: readonly WorkerConnection[]
  readonly #failures: { target: string; error: string }[] = []
  readonly #cells = new Set<string>()
  readonly #failedCells = new Map<string, Error>()
  readonly #canaryStages = [...canaryStages]
  /** Known to fail, or suspected: tried last, so that they are nobody's canaries. */
  readonly #postponed: TargetReport[] = []
  #unfinished: ReadonlySet<string> | undefined
  #seen = 0
  #behind = 0
  #migrated = 0
  #applied = 0
  #ahead = false
  #stopped: FleetOutcome['stopped']

  constructor(release: Release, options: FleetOptions) {
    this.#release = release
    this.#options = options
    this.#connections = Array.from({ length: options.workers ?? workersDefault }, () => new WorkerConnection())
  }

  async over(targets: Targets): Promise<FleetOutcome> {
    let chunk: MigrationTarget[] = []
    for await (const target of targets) {
      if (this.#failedCells.has(target.home.cell)) continue
      if (target.tenantId === undefined) await this.#shared(target)
      else chunk.push(target)
      if (chunk.length === chunkSize) {
        await this.#tenants(chunk)
        chunk = []
      }
      if (this.#stopped) break
    }
    if (!this.#stopped) await this.#tenants(chunk)
    await this.#migrateEach(this.#postponed)
    const stopped = this.#stopped
    // What was left out was not seen, and must not be forgotten for that.
    await this.#options.mirror.finish(stopped === undefined && this.#failedCells.size === 0)
    const [failure] = this.#failedCells.values()
    if (failure && this.#failedCells.size === this.#cells.size) throw failure
    return {
      ...this.#count(),
      applied: this.#applied,
      ahead: this.#ahead,
      failures: this.#failures,
      failedCells: this.#failedCells,
      ...(stopped ? { stopped } : {}),
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()))
  }

  #count(): FleetCount {
    return { seen: this.#seen, behind: this.#behind, migrated: this.#migrated, failed: this.#failures.length }
  }

  async #shared(target: MigrationTarget): Promise<void> {
    const { migrations } = this.#release
    this.#seen++
    if (target.kind === 'tenant') this.#cells.add(target.home.cell)
    try {
      const { applied, level, isAhead } = await migrateUp(target, migrations, {
        ...this.#release,
        progress: this.#options.progress,
      })
      this.#applied += applied
      this.#ahead ||= isAhead
      if (applied > 0) this.#migrated++
      if (applied > 0) this.#behind++
      this.#options.mirror.keep([{ target, state: 'current', level, wanted: wantedOf(target, migrations) }])
    } catch (error) {
      const report = failureOf(target, error, this.#release)
      if (!(error instanceof MigrationUnderWay)) this.#options.mirror.keep([report])
      if (target.kind === 'control') throw error
      this.#failures.push({ target: target.name, error: report.error ?? '' })
      if (!target.isTemplate) this.#failedCells.set(target.home.cell, error as Error)
    }
  }

  async #tenants(chunk: readonly MigrationTarget[]): Promise<void> {
    this.#unfinished ??= await this.#options.mirror.unfinished()
    const ready: TargetReport[] = []
    for (const report of await this.#behindIn(chunk)) {
      if (this.#unfinished.has(report.target.name)) this.#postponed.push(report)
      else ready.push(report)
    }
    while (ready.length > 0 && !this.#stopped) {
      const canaries = this.#canaryStages.shift()
      const failed = this.#failures.length
      await this.#migrateEach(ready.splice(0, canaries ?? ready.length))
      if (canaries !== undefined && this.#failures.length > failed) this.#stopped ??= 'canary'
    }
  }

  /** Asks each database once for all of its schemas; those that lack nothing are done with that. */
  async #behindIn(chunk: readonly MigrationTarget[]): Promise<TargetReport[]> {
    const databases = [...Map.groupBy(chunk, ({ url }) => url).values()]
    const behind: TargetReport[] = []
    await this.#each(databases, async (targets, connection) => {
      const reports = await surveyDatabase(targets, this.#release, connection, { mayChange: true })
      this.#options.mirror.keep(reports)
      for (const report of reports) {
        if (report.state === 'failed') this.#countFailure(report)
        if (report.state === 'behind') behind.push(report)
      }
      this.#seen += targets.length
    })
    this.#behind += behind.length
    this.#options.changed?.(this.#count())
    return behind
  }

  async #migrateEach(reports: readonly TargetReport[]): Promise<void> {
    await this.#each(reports, async (report, connection) => {
      if (await this.#options.mirror.isHeld()) this.#stopped ??= 'held'
      if (!this.#stopped) await this.#migrate(report, connection)
    })
  }

  async #migrate({ target, record }: TargetReport, connection: WorkerConnection): Promise<void> {
    const { migrations } = this.#release
    const { mirror, changed } = this.#options
    const wanted = wantedOf(target, migrations)
    mirror.keep([{ target, state: 'running', wanted }])
    try {
      const client = await connection.to(target.url)
      const { applied, level } = await bringUp(client, target, migrations, { ...this.#release, surveyed: record })
      this.#applied += applied
      this.#migrated++
      mirror.keep([{ target, state: 'current', level, wanted }])
    } catch (error) {
      await connection.close()
      const report = failureOf(target, error, this.#release)
      if (!(error instanceof MigrationUnderWay)) mirror.keep([report])
      this.#countFailure(report)
    }
    changed?.(this.#count())
  }

  #countFailure(report: TargetReport): void {
    this.#failures.push({ target: report.target.name, error: report.error ?? '' })
    if (this.#failures.length >= (this.#options.failuresMax ?? failuresMaxDefault)) this.#stopped ??= 'budget'
  }

  /** Work on every item, by all workers; none begins another item once the run is stopped. */
  async #each<Item>(items: readonly Item[], work: (item: Item, connection: WorkerConnection) => Promise<void>) {
    const left = items.values()
    await Promise.all(
      this.#connections.map(async (connection) => {
        for (const item of left) {
          if (this.#stopped) return
          await work(item, connection)
        }
      }),
    )
  }
}
