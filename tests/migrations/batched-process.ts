import { finishBatches } from '../../platform/src/batched-migrations.ts'
import { readBatchedMigrations } from '../../platform/src/kernel/database/batched-migration.ts'
import { Databases, type DatabasesSettings } from '../../platform/src/kernel/database/databases.ts'

/** Batched migrations carried out in a process of its own, for tests that kill it. */
export interface Order {
  readonly settings: DatabasesSettings
  readonly scratchFolder: string
}

const { settings, scratchFolder } = JSON.parse(process.argv[2] ?? '') as Order
const databases = new Databases(settings)
await finishBatches(databases, await readBatchedMigrations([{ module: 'scratch', folder: scratchFolder }]), () => {})
await databases.end()
