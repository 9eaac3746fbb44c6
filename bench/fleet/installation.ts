import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Databases, type DatabasesSettings } from '../../platform/src/kernel/database/databases.ts'
import { migrate } from '../../platform/src/migrate.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import product from '../../product/app.ts'
import { startDatabases } from '../databases.ts'

/** An installation without tenants, and a folder for migrations of the benchmark's own. */
export interface FleetInstallation {
  readonly settings: DatabasesSettings
  readonly databases: Databases
  /** The two databases as superuser. */
  readonly controlUrl: string
  readonly cellUrl: string
  /** Of a module that consists of migrations alone. */
  readonly extraFolder: string
}

export const modules = [...platformModules, ...product.modules]

export async function startInstallation(started: AsyncDisposableStack): Promise<FleetInstallation> {
  const { settings, controlUrl, cellUrl, folder } = await startDatabases(started, () => {})
  await migrate(settings, modules)
  const databases = new Databases(settings)
  started.defer(() => databases.end())
  const extraFolder = join(folder, 'extra')
  await mkdir(join(extraFolder, 'migrations'), { recursive: true })
  return { settings, databases, controlUrl, cellUrl, extraFolder }
}

/** Writes one more migration of the benchmark's own module. */
export async function writeExtra({ extraFolder }: FleetInstallation, number: number, text: string): Promise<void> {
  const file = join(extraFolder, 'migrations', `${String(number).padStart(4, '0')}_extra.up.sql`)
  await writeFile(file, `-- target: tenant\n${text}\n`)
}
