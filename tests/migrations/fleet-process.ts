import { Databases, type DatabasesSettings } from '../../platform/src/kernel/database/databases.ts'
import { migrateFleet } from '../../platform/src/kernel/database/fleet.ts'
import { readMigrations } from '../../platform/src/kernel/database/migration-files.ts'
import type { MigrationTarget } from '../../platform/src/kernel/database/migrator.ts'
import { migrationSources } from '../../platform/src/migrate.ts'
import { ControlMirror } from '../../platform/src/modules/fleet/mirror.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import product from '../../product/app.ts'
import { bridgeTarget } from './bridge-schemas.ts'

/** A run over schemas of one cell in a process of its own, for tests that kill it. */
export interface Order {
  readonly settings: DatabasesSettings
  readonly scratchFolder: string
  readonly tenantIds: readonly string[]
}

const { settings, scratchFolder, tenantIds } = JSON.parse(process.argv[2] ?? '') as Order
const databases = new Databases(settings)
const cell = databases.sharedTargets().find(({ kind }) => kind === 'tenant') as MigrationTarget
const migrations = await readMigrations([
  ...migrationSources([...platformModules, ...product.modules]),
  { module: 'scratch', folder: scratchFolder },
])
const mirror = new ControlMirror(databases.control)
await migrateFleet(
  tenantIds.map((tenantId) => bridgeTarget(cell, tenantId)),
  { migrations },
  { mirror },
)
await databases.end()
