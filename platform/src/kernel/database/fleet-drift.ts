import { differencesBetween, hashesOf, hashOf, linesOf } from './drift.ts'
import { WorkerConnection } from './migration-connection.ts'
import type { MigrationTarget } from './migrator.ts'

export interface Drift {
  readonly target: string
  /** `+ index …` for what it has beyond the reference, `- column …` for what it lacks. */
  readonly differences: readonly string[]
}

/** Schemas compared in one query. */
const schemasAtOnce = 100
/** Of one target: enough to see what happened to it. */
const differencesMax = 50

/**
 * Targets of tenants that are not made of the same things as the first shared one, which the catalogue check in turn compares
 * with what modules declare. Only targets of one level can be compared: leave those that are behind out.
 */
export async function* driftIn(
  targets: Iterable<MigrationTarget> | AsyncIterable<MigrationTarget>,
): AsyncGenerator<Drift> {
  const connection = new WorkerConnection()
  let reference: readonly string[] | undefined
  let group: MigrationTarget[] = []
  try {
    for await (const target of targets) {
      if (target.kind === 'control') continue
      if (!reference) reference = await linesOf(await connection.to(target.url), target.schema)
      if (group.length === schemasAtOnce || (group[0] && group[0].url !== target.url)) {
        yield* await driftOf(group, reference, connection)
        group = []
      }
      group.push(target)
    }
    if (reference) yield* await driftOf(group, reference, connection)
  } finally {
    await connection.close()
  }
}

async function driftOf(
  group: readonly MigrationTarget[],
  reference: readonly string[],
  connection: WorkerConnection,
): Promise<Drift[]> {
  const [first] = group
  if (!first) return []
  const client = await connection.to(first.url)
  const schemas = group.map(({ schema }) => schema)
  const hashes = await hashesOf(client, schemas)
  const drifted: Drift[] = []
  for (const { name, schema } of group) {
    if (hashes.get(schema) === hashOf(reference)) continue
    const differences = differencesBetween(reference, await linesOf(client, schema))
    drifted.push({ target: name, differences: differences.slice(0, differencesMax) })
  }
  return drifted
}
