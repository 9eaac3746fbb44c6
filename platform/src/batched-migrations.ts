import type pg from 'pg'
import { type BatchedMigration, heldBack } from '#kernel/database/batched-migration'
import type { Databases } from '#kernel/database/databases'
import type { FleetCount } from '#kernel/database/fleet'
import type { Release } from '#kernel/database/fleet-survey'
import { withMigrationClient } from '#kernel/database/migration-connection'
import { labelOf } from '#kernel/database/migration-files'
import { sqlState } from '#kernel/database/server-error'
import type { Log } from '#kernel/observe/log'
import {
  BatchedRun,
  type BatchedRunParts,
  type BatchProgress,
  batchProgress,
  beginBatches,
  ControlMirror,
} from '#modules/fleet'
import { countTenantsWithRows, tenantsWithRows } from '#modules/tenants'
import { systemSession } from './system-session.ts'

/** Long changes of data: tenants get them one after the other, beside all other work, and what needs them waits. */

const lookEveryMs = 60_000
/** In the background one connection works a fifth of the time. */
const pauseFactorInBackground = 4
const undefinedTable = '42P01'

export interface BatchStatus extends BatchProgress {
  /** Tenants that have rows now. */
  readonly tenants: number
}

/** The batched migrations of this release that are not finished for everybody. */
export async function unfinishedBatches(
  databases: Databases,
  batched: readonly BatchedMigration[],
): Promise<BatchStatus[]> {
  if (batched.length === 0) return []
  const tenants = await countTenants(databases)
  const progress = await batchProgress(databases.control, batched)
  return progress.filter(({ finishedAt }) => finishedAt === null).map((each) => ({ ...each, tenants }))
}

/** None are known while the control database waits for its first migration. */
async function countTenants({ control }: Databases): Promise<number> {
  return countTenantsWithRows(systemSession(control)).catch((error: unknown) => {
    if (sqlState(error) === undefinedTable) return 0
    throw error
  })
}

/**
 * Brings an installation to a release, except for the migrations that come after an unfinished batched one of their module:
 * when there are any, it throws once all others are applied, and says what to do. Where nobody has rows yet, nothing waits.
 */
export async function migrateUntilHeld<Outcome>(
  databases: Databases,
  batched: readonly BatchedMigration[],
  release: Release,
  migrateTo: (release: Release) => Promise<Outcome>,
): Promise<Outcome> {
  if (batched.length === 0) return migrateTo(release)
  const unfinished = await unfinishedBatches(databases, batched)
  const holding = unfinished.filter(({ tenants }) => tenants > 0)
  const migrations = heldBack(
    release.migrations,
    batched.filter((each) => holding.some((other) => isSame(each, other))),
  )
  const outcome = await migrateTo({ ...release, migrations })
  const held = migrations.filter(({ waitsFor }) => waitsFor !== undefined)
  const mayBegin = batched.filter(
    ({ module, number }) => !held.some((each) => each.module === module && each.number < number),
  )
  await beginBatches(databases.control, mayBegin, (await countTenants(databases)) === 0)
  if (held.length === 0) return outcome
  throw new Error(
    [
      ...held.map((each) => `${labelOf(each)} waits for ${each.waitsFor}.`),
      ...(await unfinishedBatches(databases, batched)).map((each) => batchText(each)),
      'Finish it with: npx tenantry migrate finish. Then repeat this.',
    ].join('\n'),
  )
}

function isSame(left: { module: string; number: number }, right: { module: string; number: number }): boolean {
  return left.module === right.module && left.number === right.number
}

/** `projects 0006_normalise_titles: done for 3 of 12 tenants, 512 rows changed` */
export function batchText({
  startedAt,
  tenantsDone,
  tenants,
  rowsChanged,
  tenantsFailed,
  ...migration
}: BatchStatus): string {
  const failed = tenantsFailed > 0 ? `, ${tenantsFailed} failed` : ''
  const far = `done for ${tenantsDone} of ${tenants} tenants${failed}, ${rowsChanged} rows changed`
  return `${labelOf(migration)}: ${startedAt === null ? 'not begun, migrate up begins it' : far}`
}

interface RunOptions extends Pick<BatchedRunParts, 'pauseFactor' | 'signal'> {
  readonly visited?: BatchedRunParts['visited']
}

function batchedRun(databases: Databases, locks: pg.ClientBase, options: RunOptions): BatchedRun {
  const mirror = new ControlMirror(databases.control)
  return new BatchedRun({
    ...options,
    control: databases.control,
    locks,
    isHeld: () => mirror.isHeld(),
    tenants: (lastId, limit) => tenantsWithRows(systemSession(databases.control), lastId, limit),
    placeOf: (tenant) => databases.of('tenant', tenant),
  })
}

/** In the order of their numbers; those of a module behind one that is not finished have to wait. */
async function runInOrder(run: BatchedRun, databases: Databases, batched: readonly BatchedMigration[]): Promise<void> {
  const left: BatchedMigration[] = []
  for (const migration of batched) {
    const [progress] = await batchProgress(databases.control, [migration])
    if (progress?.finishedAt) continue
    const mayRun = progress?.startedAt && !left.some(({ module }) => module === migration.module)
    if (!mayRun || (await run.over(migration)) !== 'finished') left.push(migration)
  }
}

/** Finishes what is left in the foreground, without pauses. Each tenant that fails is tried once. */
export async function finishBatches(
  databases: Databases,
  batched: readonly BatchedMigration[],
  changed: (count: FleetCount) => void,
): Promise<BatchStatus[]> {
  const unfinished = await unfinishedBatches(databases, batched)
  const begun = unfinished.filter(({ startedAt }) => startedAt !== null)
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const behind = sum(begun.map(({ tenants, tenantsDone }) => tenants - tenantsDone))
  const count = { seen: behind, behind, migrated: 0, failed: 0 }
  const visited = (outcome: 'done' | 'failed') => {
    count[outcome === 'done' ? 'migrated' : 'failed']++
    changed(count)
  }
  await withMigrationClient(locksUrl(databases), async (locks) => {
    const { signal } = new AbortController()
    await runInOrder(batchedRun(databases, locks, { pauseFactor: 0, signal, visited }), databases, batched)
  })
  const now = await batchProgress(databases.control, batched)
  return unfinished.map((each) => ({ ...each, ...now.find((other) => isSame(each, other)) }))
}

function locksUrl(databases: Databases): string {
  return databases.controlTarget().url
}

/** Looks every minute whether there is a batched migration to go on with; of all processes one does it at a time. */
export class BackgroundBatches {
  readonly #databases: Databases
  readonly #batched: () => Promise<readonly BatchedMigration[]>
  readonly #log: Log
  readonly #stop = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined

  constructor(databases: Databases, batched: () => Promise<readonly BatchedMigration[]>, log: Log) {
    this.#databases = databases
    this.#batched = batched
    this.#log = log
  }

  start(): void {
    const look = () => {
      this.#looking ??= this.#look()
        .catch((error: unknown) =>
          this.#log.warn({ error }, 'batched migrations could not go on; they will be tried again'),
        )
        .finally(() => {
          this.#looking = undefined
        })
    }
    look()
    this.#timer = setInterval(look, lookEveryMs)
    this.#timer.unref()
  }

  /** Ends after the batch in hand; what is left goes on at the next start. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stop.abort()
    await this.#looking
  }

  async #look(): Promise<void> {
    const batched = await this.#batched()
    const unfinished = await unfinishedBatches(this.#databases, batched)
    if (!unfinished.some(({ startedAt }) => startedAt !== null)) return
    await withMigrationClient(locksUrl(this.#databases), async (locks) => {
      const { rows } = await locks.query<{ got: boolean }>(
        "select pg_try_advisory_lock(hashtextextended('tenantry batched migrations in the background', 0)) as got",
      )
      if (!rows[0]?.got) return
      const options = { pauseFactor: pauseFactorInBackground, signal: this.#stop.signal }
      await runInOrder(batchedRun(this.#databases, locks, options), this.#databases, batched)
    })
    await this.#tell(batched)
  }

  async #tell(batched: readonly BatchedMigration[]): Promise<void> {
    for (const each of await batchProgress(this.#databases.control, batched)) {
      const { tenantsFailed, failures } = each
      if (tenantsFailed === 0) continue
      const fields = { alert: true, migration: labelOf(each), tenants: tenantsFailed, error: failures[0]?.error }
      this.#log.error(fields, 'a batched migration failed for tenants and will be tried again')
    }
  }
}
