import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startEmbeddedPostgres } from '../../platform/src/adapters/embedded-postgres/embedded-postgres.ts'
import { runningIn } from '../../platform/src/command-line/running.ts'
import { demoPassword } from '../../platform/src/demo-people.ts'
import type { DatabasesSettings } from '../../platform/src/kernel/database/databases.ts'
import { prepareServer } from '../../platform/src/kernel/database/prepare.ts'
import { templateOf, urlFor } from '../../platform/src/kernel/database/roles.ts'
import type { Say } from '../benchmark.ts'
import { startServer } from '../server-process.ts'
import { bareUrlFor, fillProjects } from './data.ts'
import type { Subject } from './load.ts'

/** Both sides, each one process, on one PostgreSQL and with the same rows. */
export interface Servers {
  readonly ours: Subject
  readonly bare: Subject
  readonly databases: DatabasesSettings
  /** The cell database as superuser, and the same with the tables of the bare side. */
  readonly cellUrl: string
  readonly bareUrl: string
  readonly tenantId: string
  /** May read and create projects. */
  readonly key: string
}

const connectionsMax = 10
const secret = 'a secret of the benchmarks, and of nothing else'
const names = { control: 'tenantry_control', cell: 'tenantry_main' }
/** The first start creates the demo and builds the web. */
const startTimeoutMs = 120_000

export async function startServers(started: AsyncDisposableStack, say: Say): Promise<Servers> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-bench-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  // As root, PostgreSQL runs under another account, which must be able to enter.
  await chmod(folder, 0o755)
  say('Starting PostgreSQL')
  const postgres = await startPostgres(started, join(folder, 'postgres'))
  const databases = databasesOn(postgres.superuserUrl)
  await prepareServer({
    administratorUrl: postgres.superuserUrl,
    secret,
    controlDatabase: names.control,
    cellDatabase: names.cell,
    templateDatabase: templateOf(names.cell),
  })
  say('Starting Tenantry: npm start, on its first run')
  const ours = await startOurs(started, folder, databases)
  const cellUrl = urlFor(postgres.superuserUrl, { database: names.cell })
  const { tenantId, key } = await enter(ours.url)
  await fillProjects(cellUrl, tenantId)
  say('Starting the bare server')
  const bareUrl = bareUrlFor(cellUrl)
  const bare = await startBare(started, folder, bareUrl, tenantId)
  const postgresPid = postgres.pid
  return { ours: { ...ours, postgresPid }, bare: { ...bare, postgresPid }, databases, cellUrl, bareUrl, tenantId, key }
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

function databasesOn(server: string): DatabasesSettings {
  return {
    servingUrl: urlFor(server, { role: 'tenantry_serving', secret, database: names.cell }),
    migratorUrl: urlFor(server, { role: 'tenantry_migrator', secret, database: names.cell }),
    controlUrl: urlFor(server, { role: 'tenantry_control', secret, database: names.control }),
    secret,
    connectionsMax,
    unnamedStatements: false,
  }
}

/** The product as `npm start` serves it, with its log, relay and web. */
async function startOurs(started: AsyncDisposableStack, folder: string, databases: DatabasesSettings) {
  const dataFolder = join(folder, 'tenantry')
  const { pid, failed } = startServer(started, {
    nodeArguments: ['--conditions=source', 'platform/src/main.ts', 'start'],
    environment: {
      HOST: '127.0.0.1',
      PORT: '0',
      TENANTRY_DATA: dataFolder,
      TENANTRY_SECRET: secret,
      TENANTRY_DATABASE_URL: databases.servingUrl,
      TENANTRY_MIGRATOR_URL: databases.migratorUrl,
      TENANTRY_CONTROL_URL: databases.controlUrl,
      TENANTRY_CONNECTIONS: String(connectionsMax),
    },
    outputFile: join(folder, 'tenantry-output'),
  })
  const url = async () => {
    for (const giveUpAtMs = performance.now() + startTimeoutMs; performance.now() < giveUpAtMs; await wait(50)) {
      const running = runningIn(dataFolder)
      if (running) return running.url
    }
    throw new Error('Tenantry did not start in time')
  }
  return { pid, url: await Promise.race([url(), failed]) }
}

/** As a program's owner does it: signs in, and creates a key for the program. */
async function enter(url: string): Promise<{ tenantId: string; key: string }> {
  const ask = async (method: string, path: string, headers: Record<string, string>, body?: object) => {
    const response = await fetch(url + path, {
      method,
      headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response
  }
  const session = await ask('POST', '/api/v1/sessions', {}, { email: 'owner@acme.test', password: demoPassword })
  const cookie = session.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
  const { items } = (await (await ask('GET', '/api/v1/tenants', { cookie })).json()) as {
    items: { id: string; slug: string }[]
  }
  const tenantId = items.find(({ slug }) => slug === 'acme')?.id ?? ''
  const wanted = { name: 'Benchmark', scopes: ['project:read', 'project:create'] }
  const created = await ask('POST', '/api/v1/keys', { cookie, tenant: 'acme' }, wanted)
  const { key } = (await created.json()) as { key: string }
  return { tenantId, key }
}

async function startBare(started: AsyncDisposableStack, folder: string, databaseUrl: string, tenantId: string) {
  const { pid, child, failed } = startServer(started, {
    nodeArguments: ['bench/http/bare-server.ts'],
    environment: { BENCH_DATABASE_URL: databaseUrl, BENCH_TENANT_ID: tenantId },
    outputFile: join(folder, 'bare-output'),
  })
  const [{ port }] = (await Promise.race([once(child, 'message'), failed])) as [{ port: number }]
  return { pid, url: `http://127.0.0.1:${port}` }
}
