import type { DatabasesSettings } from '../../platform/src/kernel/database/databases.ts'
import { runFleet } from './runs.ts'

/** A run in a process of its own, to be killed. */
const { settings, extraFolder } = JSON.parse(process.argv[2] ?? '') as {
  settings: DatabasesSettings
  extraFolder: string
}
await runFleet(settings, extraFolder)
