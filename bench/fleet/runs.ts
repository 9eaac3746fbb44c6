import { Databases, type DatabasesSettings } from '../../platform/src/kernel/database/databases.ts'
import { type FleetOptions, type FleetOutcome, migrateFleet } from '../../platform/src/kernel/database/fleet.ts'
import { readMigrations } from '../../platform/src/kernel/database/migration-files.ts'
import { migrationTargets, releaseOf } from '../../platform/src/migrate.ts'
import { ControlMirror } from '../../platform/src/modules/fleet/mirror.ts'
import { modules } from './installation.ts'

/** What `npx tenantry migrate up` does, with the migrations of the benchmark's own module after all others. */
export async function runFleet(
  settings: DatabasesSettings,
  extraFolder: string,
  options: Pick<FleetOptions, 'workers' | 'changed'> = {},
): Promise<FleetOutcome> {
  const databases = new Databases(settings)
  try {
    const release = await releaseOf(modules)
    const migrations = [...release.migrations, ...(await readMigrations([{ module: 'extra', folder: extraFolder }]))]
    const mirror = new ControlMirror(databases.control)
    return await migrateFleet(migrationTargets(databases), { ...release, migrations }, { ...options, mirror })
  } finally {
    await databases.end()
  }
}
