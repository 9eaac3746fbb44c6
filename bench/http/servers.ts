import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { runningIn } from '../../platform/src/command-line/running.ts'
import { demoPassword } from '../../platform/src/demo-people.ts'
import type { DatabasesSettings } from '../../platform/src/kernel/database/databases.ts'
import type { Say } from '../benchmark.ts'
import { startDatabases } from '../databases.ts'
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
  /** For what else the benchmark writes. */
  readonly folder: string
}

/** The first start creates the demo and builds the web. */
const startTimeoutMs = 120_000

export async function startServers(started: AsyncDisposableStack, say: Say): Promise<Servers> {
  const { settings: databases, cellUrl, postgresPid, folder } = await startDatabases(started, say)
  say('Starting Tenantry: npm start, on its first run')
  const ours = await startOurs(started, folder, databases)
  const { tenantId, key } = await enter(ours.url)
  await fillProjects(cellUrl, tenantId)
  say('Starting the bare server')
  const bareUrl = bareUrlFor(cellUrl)
  const bare = await startBare(started, folder, bareUrl, tenantId)
  return {
    ours: { ...ours, postgresPid },
    bare: { ...bare, postgresPid },
    databases,
    cellUrl,
    bareUrl,
    tenantId,
    key,
    folder,
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
      TENANTRY_SECRET: databases.secret,
      TENANTRY_DATABASE_URL: databases.cells[0].servingUrl,
      TENANTRY_MIGRATOR_URL: databases.cells[0].migratorUrl,
      TENANTRY_CONTROL_URL: databases.controlUrl,
      TENANTRY_CONNECTIONS: String(databases.connectionsMax),
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
  const signIn = async (email: string, headers = {}) => {
    const session = await ask('POST', '/api/v1/sessions', headers, { email, password: demoPassword })
    return session.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
  }
  const console = { 'tenantry-console': '1' }
  const cookie = await signIn('owner@acme.test')
  const { items } = (await (await ask('GET', '/api/v1/tenants', { cookie })).json()) as {
    items: { id: string; slug: string }[]
  }
  const tenantId = items.find(({ slug }) => slug === 'acme')?.id ?? ''
  const agreed = { plan: 'enterprise', reason: 'More requests than the other plans allow.' }
  await ask(
    'POST',
    `/api/v1/staff/tenants/${tenantId}/change-plan`,
    { ...console, cookie: await signIn('staff@tenantry.test', console) },
    agreed,
  )
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
