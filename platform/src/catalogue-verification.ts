import { compareCatalogue } from '#kernel/database/catalogue'
import type { Cell } from '#kernel/database/cell'
import type { Databases } from '#kernel/database/databases'
import { type MigrationTarget, migrationState } from '#kernel/database/migrator'
import { withClient } from '#kernel/database/prepare'
import type { Module } from '#kernel/module'
import { releaseOf } from './migrate.ts'

/**
 * Differences between the databases and what the modules declare: with any, nothing may be served. Cells that cannot be
 * looked at are named with the error.
 */
export async function verifyCatalogue(
  databases: Pick<Databases, 'controlTarget'>,
  cells: readonly Cell[],
  modules: readonly Module[],
): Promise<{ differences: string[]; failedCells: Map<string, Error> }> {
  const { migrations } = await releaseOf(modules)
  const compare = async (target: MigrationTarget) => {
    const { newer } = await migrationState(target, migrations)
    const kind = target.kind === 'control' ? 'control' : 'cell'
    const found = await withClient(target.url, (client) =>
      compareCatalogue(client, kind, modules, { isAhead: newer.length > 0 }),
    )
    return found.map((difference) => `${target.name}: ${difference}`)
  }
  const failedCells = new Map<string, Error>()
  const ofCells = cells.map((cell) =>
    compare(cell.poolTarget()).catch((error: Error) => {
      failedCells.set(cell.name, error)
      return []
    }),
  )
  const differences = await Promise.all([compare(databases.controlTarget()), ...ofCells])
  return { differences: differences.flat(), failedCells }
}
