import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../../platform/src/adapters/embedded-postgres/embedded-postgres.ts'
import { Databases, type DatabasesSettings } from '../../platform/src/kernel/database/databases.ts'
import { prepareServer } from '../../platform/src/kernel/database/prepare.ts'
import { urlFor } from '../../platform/src/kernel/database/roles.ts'
import { migrate } from '../../platform/src/migrate.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import product from '../../product/app.ts'

const secret = 'a secret of the benchmarks, and of nothing else'
const names = { control: 'tenantry_control', cell: 'tenantry_main' }

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
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-bench-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  // As root, PostgreSQL runs under another account, which must be able to enter.
  await chmod(folder, 0o755)
  const starting = startEmbeddedPostgres({ dataFolder: join(folder, 'postgres') })
  started.defer(async () => {
    const postgres = await starting.catch(() => undefined)
    await postgres?.stop()
  })
  const { superuserUrl } = await starting
  await prepareServer({
    administratorUrl: superuserUrl,
    secret,
    controlDatabase: names.control,
    cellDatabase: names.cell,
  })
  const settings = {
    servingUrl: urlFor(superuserUrl, { role: 'tenantry_serving', secret, database: names.cell }),
    migratorUrl: urlFor(superuserUrl, { role: 'tenantry_migrator', secret, database: names.cell }),
    controlUrl: urlFor(superuserUrl, { role: 'tenantry_control', secret, database: names.control }),
    secret,
    connectionsMax: 4,
    unnamedStatements: false,
  }
  await migrate(settings, modules)
  const databases = new Databases(settings)
  started.defer(() => databases.end())
  const extraFolder = join(folder, 'extra')
  await mkdir(join(extraFolder, 'migrations'), { recursive: true })
  return {
    settings,
    databases,
    controlUrl: urlFor(superuserUrl, { database: names.control }),
    cellUrl: urlFor(superuserUrl, { database: names.cell }),
    extraFolder,
  }
}

/** Writes one more migration of the benchmark's own module. */
export async function writeExtra({ extraFolder }: FleetInstallation, number: number, text: string): Promise<void> {
  const file = join(extraFolder, 'migrations', `${String(number).padStart(4, '0')}_extra.up.sql`)
  await writeFile(file, `-- target: tenant\n${text}\n`)
}
