import type { Migration } from './migration-files.ts'
import { type MigrationProgress, type MigrationTarget, migrateDown } from './migrator.ts'

const workers = 8

/**
 * Takes the last `steps` migrations of every target back: those of tenants first, several at once, then what everybody
 * stands on, the control database last. The first failure is thrown, and nothing new is begun after it. Returns how many
 * migrations were taken back.
 */
export async function migrateFleetDown(
  targets: Iterable<MigrationTarget> | AsyncIterable<MigrationTarget>,
  migrations: readonly Migration[],
  steps: number,
  progress: MigrationProgress,
): Promise<number> {
  const shared: MigrationTarget[] = []
  let taken = 0
  let stopped = false
  const tenants = tenantsOf(targets, shared)
  const work = async () => {
    for await (const target of tenants) {
      if (stopped) return
      const takenHere = await migrateDown(target, migrations, steps, progress).catch((error: unknown) => {
        stopped = true
        throw error
      })
      taken += takenHere
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  for (const target of shared.toReversed()) taken += await migrateDown(target, migrations, steps, progress)
  return taken
}

/** Sets aside what everybody stands on. */
async function* tenantsOf(
  targets: Iterable<MigrationTarget> | AsyncIterable<MigrationTarget>,
  shared: MigrationTarget[],
): AsyncGenerator<MigrationTarget> {
  for await (const target of targets) {
    if (target.tenantId === undefined) shared.push(target)
    else yield target
  }
}
