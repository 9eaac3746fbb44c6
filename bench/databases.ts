import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../platform/src/adapters/embedded-postgres/embedded-postgres.ts'
import type { DatabasesSettings } from '../platform/src/kernel/database/databases.ts'
import { prepareServer } from '../platform/src/kernel/database/prepare.ts'
import { templateOf, urlFor } from '../platform/src/kernel/database/roles.ts'
import type { Say } from './benchmark.ts'

export interface BenchDatabases {
  readonly settings: DatabasesSettings
  /** The two databases as superuser. */
  readonly controlUrl: string
  readonly cellUrl: string
  readonly postgresPid: number
  /** For what else the benchmark writes; goes with it. */
  readonly folder: string
}

const connectionsMax = 10
const secret = 'a secret of the benchmarks, and of nothing else'
const names = { control: 'tenantry_control', cell: 'tenantry_main' }

/** A PostgreSQL with both databases, prepared and not yet migrated. */
export async function startDatabases(started: AsyncDisposableStack, say: Say): Promise<BenchDatabases> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-bench-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  // As root, PostgreSQL runs under another account, which must be able to enter.
  await chmod(folder, 0o755)
  say('Starting PostgreSQL')
  const { superuserUrl, pid } = await startPostgres(started, join(folder, 'postgres'))
  await prepareServer({
    administratorUrl: superuserUrl,
    secret,
    controlDatabase: names.control,
    cellDatabase: names.cell,
    templateDatabase: templateOf(names.cell),
  })
  const controlUrl = urlFor(superuserUrl, { database: names.control })
  const cellUrl = urlFor(superuserUrl, { database: names.cell })
  return { settings: settingsOn(superuserUrl), controlUrl, cellUrl, postgresPid: pid, folder }
}

async function startPostgres(started: AsyncDisposableStack, dataFolder: string) {
  const starting = startEmbeddedPostgres({ dataFolder })
  started.defer(async () => {
    const postgres = await starting.catch(() => undefined)
    await postgres?.stop()
  })
  const postgres = await starting
  const pid = Number.parseInt(readFileSync(join(postgres.dataFolder, 'postmaster.pid'), 'utf8'), 10)
  return { superuserUrl: postgres.superuserUrl, pid }
}

function settingsOn(server: string): DatabasesSettings {
  return {
    controlUrl: urlFor(server, { role: 'tenantry_control', secret, database: names.control }),
    cells: [
      {
        name: 'main',
        region: 'local',
        servingUrl: urlFor(server, { role: 'tenantry_serving', secret, database: names.cell }),
        migratorUrl: urlFor(server, { role: 'tenantry_migrator', secret, database: names.cell }),
      },
    ],
    secret,
    connectionsMax,
    unnamedStatements: false,
  }
}
