import { layFoundation } from './foundation.ts'
import { WorkerConnection } from './migration-connection.ts'
import type { Migration } from './migration-files.ts'
import { missingOf, type SchemaRecord, schemaRecords } from './migration-ledger.ts'
import { type Manifest, type MigrationTarget, manifestIsDue, readingOf } from './migrator.ts'

export interface TargetReport {
  readonly target: MigrationTarget
  readonly state: 'current' | 'behind' | 'running' | 'failed'
  /** Migrations applied, as far as known. */
  readonly level?: number
  /** Migrations that this release has for it. A target that a newer release was at has more, and is current. */
  readonly wanted: number
  readonly error?: string
  /** What its database said of it, when it was asked. */
  readonly record?: SchemaRecord | undefined
}

export interface Release {
  readonly migrations: readonly Migration[]
  readonly manifest?: Manifest
}

/** Where the schemas of one database stand: one query for all of them. Lays the foundation when `mayChange`. */
export async function surveyDatabase(
  targets: readonly MigrationTarget[],
  release: Release,
  connection: WorkerConnection,
  { mayChange }: { mayChange: boolean },
): Promise<TargetReport[]> {
  const [first] = targets as readonly [MigrationTarget]
  try {
    const client = await connection.to(first.url)
    if (mayChange) await layFoundation(client, first)
    const schemas = targets.map(({ schema }) => schema)
    const records = await schemaRecords(client, schemas)
    return targets.map((target) => reportOf(target, records.get(target.schema), release))
  } catch (error) {
    await connection.close()
    return targets.map((target) => failureOf(target, error, release))
  }
}

function reportOf(
  target: MigrationTarget,
  record: SchemaRecord | undefined,
  { migrations, manifest }: Release,
): TargetReport {
  const level = record?.ledger.length ?? 0
  try {
    const wanted = wantedOf(target, migrations)
    const { states, newer } = readingOf(target, record, migrations)
    const manifestLags = manifest !== undefined && newer.length === 0 && manifestIsDue(target, record, manifest)
    const isBehind = missingOf(states).length > 0 || manifestLags
    return { target, state: isBehind ? 'behind' : 'current', level, wanted, ...(isBehind ? { record } : {}) }
  } catch (error) {
    return { ...failureOf(target, error, { migrations }), level }
  }
}

export function failureOf(target: MigrationTarget, error: unknown, { migrations }: Release): TargetReport {
  return { target, state: 'failed', wanted: wantedOf(target, migrations), error: messageOf(error) }
}

export function wantedOf({ kind }: Pick<MigrationTarget, 'kind'>, migrations: readonly Migration[]): number {
  return migrations.filter(({ kinds, waitsFor }) => kinds.includes(kind) && waitsFor === undefined).length
}

/** Where a name has several addresses, each was tried, and the error of the whole has no text. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || (error instanceof AggregateError ? error.errors.map(messageOf).join(', ') : error.name)
}

const chunkSize = 500
const workers = 8

/** Where every target stands by its own ledger, without changing anything. Memory does not grow with the fleet. */
export async function* surveyFleet(
  targets: Iterable<MigrationTarget> | AsyncIterable<MigrationTarget>,
  release: Release,
): AsyncGenerator<TargetReport> {
  let chunk: MigrationTarget[] = []
  for await (const target of targets) {
    chunk.push(target)
    if (chunk.length < chunkSize) continue
    yield* await surveyChunk(chunk, release)
    chunk = []
  }
  yield* await surveyChunk(chunk, release)
}

async function surveyChunk(chunk: readonly MigrationTarget[], release: Release): Promise<TargetReport[]> {
  const databases = Map.groupBy(chunk, ({ url }) => url).values()
  const reports = new Map<MigrationTarget, TargetReport>()
  const work = async () => {
    const connection = new WorkerConnection()
    for (const targets of databases) {
      for (const report of await surveyDatabase(targets, release, connection, { mayChange: false }))
        reports.set(report.target, report)
    }
    await connection.close()
  }
  await Promise.all(Array.from({ length: workers }, work))
  return chunk.flatMap((target) => reports.get(target) ?? [])
}
