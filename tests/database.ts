import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres } from '../platform/src/adapters/embedded-postgres/embedded-postgres.ts'
import type { CellSettings } from '../platform/src/kernel/database/cell.ts'
import type { DatabasesSettings } from '../platform/src/kernel/database/databases.ts'
import { prepareServer, withClient } from '../platform/src/kernel/database/prepare.ts'
import { databaseIn, type LoginRole, siloName, templateOf, urlFor } from '../platform/src/kernel/database/roles.ts'
import { newId } from '../platform/src/kernel/id.ts'
import { migrate } from '../platform/src/migrate.ts'
import { platformModules } from '../platform/src/platform-modules.ts'
import product from '../product/app.ts'
import { foundDemo } from './demo-template.ts'

/** The secret of every installation in the tests, so that copies of one template share roles and keys. */
export const testSecret = 'a secret of the tests, and of nothing else'

const templates = {
  empty: { control: 'template_control', cell: 'template_cell' },
  demo: { control: 'template_demo_control', cell: 'template_demo_cell' },
}
const connectionsMax = 6

export interface TestServer {
  readonly superuserUrl: string
  stop(): Promise<void>
}

/** A PostgreSQL for tests: the one of the run or, for a file run by itself, one of its own. */
export async function testServer(): Promise<TestServer> {
  const given = process.env['TENANTRY_TEST_SUPERUSER_URL']
  if (given !== undefined) return { superuserUrl: given, stop: async () => {} }
  const dataFolder = await mkdtemp(join(tmpdir(), 'tenantry-tests-'))
  // As root, PostgreSQL runs under another account: where that cannot enter, its data would stay in the fallback folder.
  await chmod(dataFolder, 0o755)
  const postgres = await startEmbeddedPostgres({ dataFolder, durability: 'none' })
  await makeTemplates(postgres.superuserUrl)
  return {
    superuserUrl: postgres.superuserUrl,
    async stop() {
      await postgres.stop()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}

/** Migrated databases to copy, empty and with the demo: a copy takes 40 ms, migrating ten times as long, the demo 2 s. */
export async function makeTemplates(superuserUrl: string): Promise<void> {
  const { empty, demo } = templates
  await migrateTemplate(superuserUrl, empty)
  await copy(superuserUrl, [
    [demo.control, empty.control],
    [demo.cell, empty.cell],
  ])
  const isWaiting = async (database: string, outbox: string) =>
    (await rowsOf(urlFor(superuserUrl, { database }), `select from ${outbox} where done_at is null`)).length > 0
  await foundDemo(
    await prepared(superuserUrl, demo.control, demo.cell),
    async () => (await isWaiting(demo.control, 'control.outbox')) || (await isWaiting(demo.cell, 'pool.outbox')),
  )
}

/** Brings what another release has made to this one. */
export async function migrateTemplates(superuserUrl: string): Promise<void> {
  for (const template of Object.values(templates)) await migrateTemplate(superuserUrl, template)
}

async function migrateTemplate(superuserUrl: string, { control, cell }: typeof templates.empty): Promise<void> {
  await migrate(await prepared(superuserUrl, control, cell), [...platformModules, ...product.modules])
}

async function copy(
  superuserUrl: string,
  copies: readonly (readonly [copy: string, template: string])[],
): Promise<void> {
  await withClient(superuserUrl, async (client) => {
    for (const [made, template] of copies)
      await client.query(`create database ${made} template ${template} strategy wal_log`)
  })
}

export interface TestDatabases {
  readonly settings: DatabasesSettings
  readonly superuserUrl: string
  /** The same databases as superuser, for looking behind the scenes. */
  readonly controlUrl: string
  readonly cellUrl: string
  /** Nobody gets into the database of the cell any more, and who is in is out, until the answer is called. */
  takeDown(cell: string): Promise<() => Promise<void>>
  drop(): Promise<void>
}

/** A cell beside `main`, in a database of its own on the same server. */
export type TestCell = Pick<CellSettings, 'name' | 'region' | 'reserved'>

/** Control and cell database of one test file, migrated; with `silos`, tenants may have a database of their own. */
export async function testDatabases({
  silos = false,
  cells = [],
  demo = false,
}: {
  silos?: boolean
  cells?: readonly TestCell[]
  /** With the demo's people and organisations, in the pool; else they are empty. */
  demo?: boolean
} = {}): Promise<TestDatabases> {
  const server = await testServer()
  const unique = newId().replaceAll('-', '')
  const [control, cell] = [`control_${unique}`, `cell_${unique}`]
  const template = demo ? templates.demo : templates.empty
  await copy(server.superuserUrl, [
    [control, template.control],
    [cell, template.cell],
    ...(silos ? [[templateOf(cell), templates.empty.cell] as const] : []),
  ])
  const main = await prepared(server.superuserUrl, control, cell, silos)
  const further = await Promise.all(cells.map((each) => furtherCell(server.superuserUrl, unique, each, silos)))
  const settings = { ...main, cells: [main.cells[0], ...further] as const }
  // A copy of a template would say that it is `main`.
  if (cells.length > 0) await migrate(settings, [...platformModules, ...product.modules])
  const furtherDatabases = further.map(({ servingUrl }) => databaseIn(servingUrl))
  return {
    settings,
    superuserUrl: server.superuserUrl,
    controlUrl: urlFor(server.superuserUrl, { database: control }),
    cellUrl: urlFor(server.superuserUrl, { database: cell }),
    takeDown: (name) => takeDown(server.superuserUrl, settings, name),
    async drop() {
      await withClient(server.superuserUrl, async (client) => {
        for (const silo of await silosOf(server.superuserUrl, control)) {
          await client.query(`drop database if exists ${silo} with (force)`)
          await client.query(`drop role if exists ${silo}`)
        }
        const templatesHere = silos ? [cell, ...furtherDatabases].map(templateOf) : []
        for (const database of templatesHere) await client.query(`alter database ${database} with is_template false`)
        for (const database of [control, cell, ...furtherDatabases, ...templatesHere])
          await client.query(`drop database ${database} with (force)`)
      })
      await server.stop()
    },
  }
}

async function takeDown(
  superuserUrl: string,
  { cells }: DatabasesSettings,
  cell: string,
): Promise<() => Promise<void>> {
  const database = databaseIn(cells.find(({ name }) => name === cell)?.servingUrl ?? '')
  const allow = (allowed: boolean) =>
    withClient(superuserUrl, async (client) => {
      await client.query(`alter database ${database} with allow_connections ${allowed}`)
      if (!allowed)
        await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [database])
    })
  await allow(false)
  return () => allow(true)
}

/** Names of the silos' databases, which are those of their login roles, too. */
async function silosOf(superuserUrl: string, control: string): Promise<string[]> {
  const rows = await rowsOf(
    urlFor(superuserUrl, { database: control }),
    "select id from control.tenants where model = 'silo'",
  )
  return rows.map((row) => siloName(String(row['id'])))
}

async function prepared(
  superuserUrl: string,
  control: string,
  cell: string,
  silos = false,
): Promise<DatabasesSettings> {
  await prepareServer({
    administratorUrl: superuserUrl,
    secret: testSecret,
    controlDatabase: control,
    cellDatabase: cell,
    ...(silos ? { templateDatabase: templateOf(cell) } : {}),
  })
  return {
    controlUrl: urlFor(superuserUrl, { role: 'tenantry_control', secret: testSecret, database: control }),
    cells: [
      {
        name: 'main',
        region: 'local',
        servingUrl: urlFor(superuserUrl, { role: 'tenantry_serving', secret: testSecret, database: cell }),
        migratorUrl: urlFor(superuserUrl, { role: 'tenantry_migrator', secret: testSecret, database: cell }),
      },
    ],
    secret: testSecret,
    connectionsMax,
    unnamedStatements: false,
  }
}

async function furtherCell(
  superuserUrl: string,
  unique: string,
  cell: TestCell,
  silos: boolean,
): Promise<CellSettings> {
  const cellDatabase = `cell_${cell.name.replaceAll('-', '_')}_${unique}`
  await prepareServer({
    administratorUrl: superuserUrl,
    secret: testSecret,
    cellDatabase,
    ...(silos ? { templateDatabase: templateOf(cellDatabase) } : {}),
  })
  const at = (role: LoginRole) => urlFor(superuserUrl, { role, secret: testSecret, database: cellDatabase })
  return { ...cell, servingUrl: at('tenantry_serving'), migratorUrl: at('tenantry_migrator') }
}

/** Rows of one statement, as superuser. */
export async function rowsOf(url: string, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return withClient(
    url,
    async (client: pg.Client) => (await client.query(text, values)).rows as Record<string, unknown>[],
  )
}
