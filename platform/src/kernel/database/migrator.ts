import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { applyConcurrently } from './concurrent-index.ts'
import { layFoundation } from './foundation.ts'
import { withMigrationClient } from './migration-connection.ts'
import { labelOf, type Migration, runsInTransaction } from './migration-files.ts'
import {
  type LedgerReading,
  lockAndRead,
  MigrationRefused,
  missingOf,
  readLedger,
  type SchemaRecord,
  schemaRecords,
} from './migration-ledger.ts'
import { inOwnersTransaction, inTransactionAs } from './migration-transaction.ts'
import { withClient } from './prepare.ts'
import { sqlState } from './server-error.ts'
import type { SigningKey } from './signed-context.ts'

/** One schema in one database that has a migration level of its own. */
export interface MigrationTarget {
  /** `control`, `cell main` */
  readonly name: string
  readonly kind: 'control' | 'tenant'
  /** As tenantry_migrator, and direct: locks of a session do not survive PgBouncer's transaction mode. */
  readonly url: string
  readonly schema: string
  readonly key: SigningKey
  /** What the database is to be part of, and where: noted in it once, so that two URLs that were mixed up are noticed. */
  readonly home: { readonly cell: string; readonly region: string }
  /** What silos are copied from: nobody is served from it. */
  readonly isTemplate?: true
  /** Whose alone the schema is; absent for what everybody stands on: control, pools and templates. */
  readonly tenantId?: string
}

export type MigrationProgress = (step: {
  target: string
  migration: string
  direction: 'up' | 'down'
  ms: number
}) => void

/** What the modules' manifests say that every tenant schema keeps in rows, such as the permissions of system roles. */
export interface Manifest {
  /** Changes with what is said. */
  readonly digest: string
  /** Brings the rows of one schema up to date, as its owner and within a transaction; `search_path` names the schema. */
  readonly apply: (client: pg.ClientBase) => Promise<unknown>
}

export interface MigrateUpOptions {
  readonly manifest?: Manifest | undefined
  readonly progress?: MigrationProgress | undefined
  /** What the schema had a moment ago. As long as it still has just that, two of five round trips are saved. */
  readonly surveyed?: SchemaRecord | undefined
}

/** Where a target stands once it was brought up. */
export interface BroughtUp {
  /** How many migrations were applied. */
  readonly applied: number
  /** How many it has. */
  readonly level: number
  /** Whether a newer release was there before: nothing was changed. */
  readonly isAhead: boolean
}

const lockAttemptsMax = 6
const migratorWaitMs = 60_000

/**
 * Applies what is missing, in order, each file in its own transaction; to a new schema all at once. Where a newer release
 * was, nothing is changed.
 */
export async function migrateUp(
  target: MigrationTarget,
  migrations: readonly Migration[],
  options: MigrateUpOptions = {},
): Promise<BroughtUp> {
  return withMigrationClient(target.url, async (client) => {
    await layFoundation(client, target)
    return bringUp(client, target, migrations, options)
  })
}

/** The same over a connection that is there already, to a database whose foundation is laid. */
export async function bringUp(
  client: pg.Client,
  target: MigrationTarget,
  migrations: readonly Migration[],
  { manifest, progress, surveyed }: MigrateUpOptions,
): Promise<BroughtUp> {
  if (surveyed) {
    const done = await bringUpAsSurveyed(client, target, migrations, { manifest, progress, surveyed })
    if (done) return done
  }
  return withLock(client, target, async (record) => {
    const { states, newer } = readingOf(target, record, migrations)
    const level = record?.ledger.length ?? 0
    if (newer.length > 0) return { applied: 0, level, isAhead: true }
    const missing = missingOf(states)
    // Of a shared schema always: since the last time, a process of the release before may have made a tenant there.
    const isDue = manifest && (isShared(target) || manifestIsDue(target, record, manifest))
    const isNew = !record?.ledger.length
    const updateRows = isDue ? () => applyManifest(client, target, manifest, isNew) : undefined
    const runs = isNew ? await runsOfNewSchema(missing) : missing.map((each) => [each])
    for (const run of runs) {
      const alongside = run === runs.at(-1) ? updateRows : undefined
      await apply(client, target, run, { direction: 'up', progress, alongside })
    }
    if (updateRows && runs.length === 0) await inOwnersTransaction(client, target.schema, updateRows)
    return { applied: missing.length, level: level + missing.length, isAhead: false }
  })
}

/**
 * One migration that runs in a transaction, by far the most frequent case: lock, look and begin are one round trip, ledger,
 * commit and unlocking another. Undefined when it is another case, or when somebody has been there in the meantime.
 */
async function bringUpAsSurveyed(
  client: pg.Client,
  target: MigrationTarget,
  migrations: readonly Migration[],
  { manifest, progress, surveyed }: MigrateUpOptions & { surveyed: SchemaRecord },
): Promise<BroughtUp | undefined> {
  const [migration, another] = missingOf(readingOf(target, surveyed, migrations).states)
  const level = surveyed.ledger.length
  if (!migration || another || level === 0 || !runsInTransaction(await migration.text('up'))) return undefined
  const isDue = manifest && manifestIsDue(target, surveyed, manifest)
  const alongside = isDue ? () => applyManifest(client, target, manifest, false) : undefined
  try {
    await apply(client, target, [migration], { direction: 'up', progress, alongside, fromLevel: level })
    return { applied: 1, level: level + 1, isAhead: false }
  } catch (error) {
    if (error instanceof NotAsSurveyed) return undefined
    throw error
  }
}

/** Takes the last `steps` migrations back, newest first. Returns how many were taken back. */
export async function migrateDown(
  target: MigrationTarget,
  migrations: readonly Migration[],
  steps: number,
  progress?: MigrationProgress,
): Promise<number> {
  return withMigrationClient(target.url, async (client) => {
    await layFoundation(client, target)
    return withLock(client, target, async (record) => {
      const { states, newer } = readingOf(target, record, migrations)
      if (newer[0]) {
        throw new MigrationRefused(
          `${target.name} was migrated by a newer release: it has ${labelOf(newer[0])}, which this release does not know. Take that back with the newer release first.`,
        )
      }
      const applied = states.filter(({ appliedAt }) => appliedAt !== undefined)
      const last = applied.slice(Math.max(0, applied.length - steps)).toReversed()
      for (const { migration } of last) await apply(client, target, [migration], { direction: 'down', progress })
      return last.length
    })
  })
}

/** What the target's ledger says to this release. Throws MigrationRefused when ledger and files disagree. */
export async function migrationState(
  target: MigrationTarget,
  migrations: readonly Migration[],
): Promise<LedgerReading> {
  return withClient(target.url, async (client) => {
    const record = (await schemaRecords(client, [target.schema])).get(target.schema)
    return readingOf(target, record, migrations)
  })
}

/** The same of a record that was read already. */
export function readingOf(
  target: MigrationTarget,
  record: SchemaRecord | undefined,
  migrations: readonly Migration[],
): LedgerReading {
  return readLedger(target, record?.ledger ?? [], migrations)
}

/** Whether the rows of a schema were last brought up to date with other manifests, or never. */
export function manifestIsDue(target: MigrationTarget, record: SchemaRecord | undefined, manifest: Manifest): boolean {
  return target.kind === 'tenant' && record?.manifestDigest !== manifest.digest
}

function isShared({ kind, tenantId }: MigrationTarget): boolean {
  return kind === 'tenant' && tenantId === undefined
}

/** Somebody else migrates the target, and has not come to an end for a minute: what becomes of it they will say. */
export class MigrationUnderWay extends Error {
  constructor({ name }: MigrationTarget) {
    super(`Another migration of ${name} is still running.`)
  }
}

/**
 * One migrator at a time for each schema. It asks again and again instead of waiting: whoever waits in a statement holds up
 * every index that is built concurrently.
 */
async function withLock<Result>(
  client: pg.Client,
  target: MigrationTarget,
  work: (record: SchemaRecord | undefined) => Promise<Result>,
): Promise<Result> {
  const lock = lockOf(target.schema)
  const giveUpAtMs = performance.now() + migratorWaitMs
  let locked = await lockAndRead(client, lock, target.schema)
  while (!locked) {
    if (performance.now() > giveUpAtMs) throw new MigrationUnderWay(target)
    await wait(100)
    locked = await lockAndRead(client, lock, target.schema)
  }
  try {
    return await work(locked.record)
  } finally {
    // When the connection is lost, so is the lock.
    await client.query(`select pg_advisory_unlock(hashtext(${pg.escapeLiteral(lock)}))`).catch(() => {})
  }
}

function lockOf(schema: string): string {
  return `tenantry migrations of ${schema}`
}

/**
 * The same lock until the transaction's end, and whether the ledger is as expected behind it. Two statements: one alone would
 * read the ledger as it was before it had the lock.
 */
function lockAtLevelText(schema: string, level: number): string {
  const [lock, name] = [lockOf(schema), schema].map(pg.escapeLiteral)
  return `select set_config('migrations.locked', pg_try_advisory_xact_lock(hashtext(${lock}))::text, true);
    select current_setting('migrations.locked')::boolean and count(*) = ${level} as free
      from migrations.ledger where schema_name = ${name}`
}

/** Nobody reads a new schema yet: what can share one transaction does. */
async function runsOfNewSchema(missing: readonly Migration[]): Promise<Migration[][]> {
  const runs: Migration[][] = []
  for (const migration of missing) {
    const together = runsInTransaction(await migration.text('up'))
    const last = runs.at(-1)
    const lastIsTogether = last?.[0] !== undefined && runsInTransaction(await last[0].text('up'))
    if (together && last && lastIsTogether) last.push(migration)
    else runs.push([migration])
  }
  return runs
}

async function applyManifest(
  client: pg.Client,
  { schema }: MigrationTarget,
  manifest: Manifest,
  isNew: boolean,
): Promise<void> {
  if (!isNew) await manifest.apply(client)
  await client.query(`comment on schema ${client.escapeIdentifier(schema)} is ${client.escapeLiteral(manifest.digest)}`)
}

interface Application {
  readonly direction: 'up' | 'down'
  readonly progress?: MigrationProgress | undefined
  /** Done in the same transaction. */
  readonly alongside?: (() => Promise<void>) | undefined
  /** The transaction takes the lock itself, and goes on only from a ledger with so many entries; else NotAsSurveyed. */
  readonly fromLevel?: number
}

/** Another migrator is at the schema, or was there since it was looked at. */
class NotAsSurveyed extends Error {}

/** Applies a run of migrations in one transaction, or a single one outside any. */
async function apply(
  client: pg.Client,
  target: MigrationTarget,
  run: readonly Migration[],
  { direction, progress, alongside, fromLevel }: Application,
): Promise<void> {
  let current = run[0] as Migration
  const durationsMs: number[] = []
  const timed = async (migration: Migration, work: () => Promise<unknown>) => {
    const beganAtMs = performance.now()
    current = migration
    await work()
    durationsMs.push(performance.now() - beganAtMs)
  }
  const inTransaction = (work: () => Promise<void>) => {
    durationsMs.length = 0
    const closing = () => ledgerText(target.schema, run, direction, durationsMs)
    const opening = fromLevel === undefined ? '' : lockAtLevelText(target.schema, fromLevel)
    return inTransactionAs(
      client,
      { role: 'tenantry_owner', schema: target.schema, opening, closing },
      async ([found]) => {
        if (fromLevel !== undefined && found?.['free'] !== true) throw new NotAsSurveyed()
        await work()
      },
    )
  }
  const together = () =>
    inTransaction(async () => {
      for (const migration of run) {
        await timed(migration, async () => client.query(refusingHiddenRows(await migration.text(direction))))
      }
      await alongside?.()
    })
  const outside = async (text: string) => {
    const beganAtMs = performance.now()
    await applyConcurrently(client, target.schema, text)
    await inTransaction(async () => {
      durationsMs.push(performance.now() - beganAtMs)
      await alongside?.()
    })
  }
  try {
    const text = await current.text(direction)
    await withLockRetries(() => (runsInTransaction(text) ? together() : outside(text)))
  } catch (error) {
    if (error instanceof NotAsSurveyed) throw error
    const { message } = error as Error
    throw new Error(`${current.module} ${current.name} (${direction}) failed on ${target.name}: ${message}`, {
      cause: error,
    })
  }
  for (const [index, { module, name }] of run.entries()) {
    progress?.({ target: target.name, migration: `${module} ${name}`, direction, ms: durationsMs[index] ?? 0 })
  }
}

/**
 * Forced row security hides every row from the owner, too, so that an UPDATE would change none and succeed. With
 * `row_security` off PostgreSQL refuses such a statement instead. It would also refuse to check bodies of functions that
 * read such a table: those of `begin atomic` are resolved without that check, too.
 */
function refusingHiddenRows(text: string): string {
  return `set local row_security = off; set local check_function_bodies = off; ${text}
    ; set local row_security = on`
}

/** What a run leaves in the ledger, as SQL that goes along with its COMMIT. */
function ledgerText(
  schema: string,
  run: readonly Migration[],
  direction: 'up' | 'down',
  durationsMs: readonly number[],
): string {
  const literal = pg.escapeLiteral
  if (direction === 'down') {
    const taken = run.map(({ module, number }) => `(${literal(module)}, ${number})`)
    return `delete from migrations.ledger where schema_name = ${literal(schema)} and (module, number) in (${taken.join(', ')})`
  }
  const entries = run.map(({ module, number, name, checksum }, index) => {
    const texts = [schema, module, name, checksum].map(literal).join(', ')
    return `(${texts}, ${number}, ${Math.round(durationsMs[index] ?? 0)})`
  })
  return `insert into migrations.ledger (schema_name, module, name, checksum, number, ms) values ${entries.join(', ')}`
}

/** A migration waits only briefly for a lock, because everything else queues behind it; then it tries again. */
async function withLockRetries(run: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await run()
      return
    } catch (error) {
      if (sqlState(error) !== '55P03' || attempt === lockAttemptsMax) throw error
      await wait(200 * 2 ** attempt)
    }
  }
}
