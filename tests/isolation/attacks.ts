import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Placement } from '../../platform/src/kernel/context.ts'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { databaseIn, urlFor } from '../../platform/src/kernel/database/roles.ts'
import { ReadSession, searchPath, type Target, Transaction } from '../../platform/src/kernel/database/session.ts'
import { ContextSigner, contextValidMs, type SigningKey } from '../../platform/src/kernel/database/signed-context.ts'
import { raw, sql } from '../../platform/src/kernel/database/statement.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { findTenant } from '../../platform/src/modules/tenants/store.ts'
import { systemSession } from '../../platform/src/system-session.ts'
import { rowsOf } from '../database.ts'
import { type Reach, TestInstallation } from '../installation.ts'

/**
 * What an attacker with an SQL injection, or a forgetful programmer, could try as the role that serves a tenant; the same
 * under each placement. Both tenants live in the same model.
 */

let atlas: TestInstallation
let tables: string[]
let acme: string
let globex: string
/** Where acme's rows are, as the sessions of its requests reach them. */
let target: Target
let place: PlaceOfTenant
let placeOfGlobex: PlaceOfTenant

interface PlaceOfTenant {
  readonly schema: string
  /** Of the role that serves the tenant. */
  readonly servingUrl: string
  readonly superuserUrl: string
  readonly key: SigningKey
}

/** All attacks, on tenants in this model, whose databases are reached directly unless `reach` says how. */
export function attackUnder(model: Placement['model'], reach?: Reach): void {
  before(() => start(model, reach))
  after(() => atlas.stop())
  describe('every tenant table', attackTables)
  describe('a context', attackContext)
  describe('the serving role', attackRole)
  describe('what the serving role may not touch', attackRights)
  describe('what the serving role can learn', attackKnowledge)
  test('nothing that one request set is visible in the next on the same connection', attackConnections)
}

async function start(model: Placement['model'], reach?: Reach): Promise<void> {
  atlas = await TestInstallation.start({ model, ...(reach ? { reach } : {}) })
  const kinds = atlas.installation.modules.flatMap((module) => Object.entries(module.tables))
  tables = [
    ...kinds.filter(([, facts]) => facts.kind === 'tenant').map(([name]) => name),
    'audit_events',
    'audit_values',
    'outbox',
    'inbox',
  ]
  for (const tenant of ['acme', 'globex']) await fill(tenant, `owner@${tenant}.test`)
  acme = await settle('acme', model)
  globex = await settle('globex', model)
}

async function fill(tenant: string, as: string): Promise<void> {
  const body = { name: `The canary of ${tenant}` }
  const project = await atlas.ask<{ id: string }>('POST', '/api/v1/projects', { as, tenant, body })
  const posts: [string, object][] = [
    ['/api/v1/tasks', { projectId: project.id, title: `A task of ${tenant}` }],
    ['/api/v1/keys', { name: 'A key', scopes: ['project:read'] }],
    ['/api/v1/invitations', { email: 'guest@example.test', role: 'viewer' }],
  ]
  for (const [path, sent] of posts) await atlas.ask('POST', path, { as, tenant, body: sent })
}

/** Learns where a tenant lives. Returns its id. */
async function settle(slug: string, model: Placement['model']): Promise<string> {
  const { installation, databases } = atlas
  const tenant = await findTenant(systemSession(installation.databases.directory), slug)
  assert.ok(tenant)
  const { id, placement } = tenant
  assert.equal(placement.model, model)
  const { url, schema, key } = installation.databases.cells[0].servingLogin(tenant)
  const superuserUrl = urlFor(databases.cellUrl, { database: databaseIn(url) })
  const found: PlaceOfTenant = { schema, key, superuserUrl, servingUrl: url }
  if (slug === 'acme') {
    place = found
    target = installation.databases.of('tenant', tenant)
  } else placeOfGlobex = found
  return id
}

const identity = (tenantId: string) => ({ tenantId, actorId: newId() })
const reading = (tenantId: string) =>
  new ReadSession({ target, identity: identity(tenantId), deadlineMs: performance.now() + 10_000 })
const writing = (tenantId: string) =>
  new Transaction({ target, identity: identity(tenantId), deadlineMs: performance.now() + 10_000 })
const contextOf = (tenantId: string) => target.database.signer.sign(identity(tenantId))

/** Runs statements in acme's place as the serving role without any session of ours, in one transaction that is rolled back. */
async function asServing<Result>(
  work: (query: (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>) => Promise<Result>,
): Promise<Result> {
  return withClient(place.servingUrl, async (client) => {
    await client.query('begin')
    try {
      await client.query("select set_config('search_path', $1, true)", [searchPath(place.schema)])
      return await work(async (text, values) => (await client.query(text, values)).rows as Record<string, unknown>[])
    } finally {
      await client.query('rollback')
    }
  })
}

const state = (wanted: string) => (error: unknown) => (error as { code?: string }).code === wanted
const readable = () => tables.filter((table) => table !== 'outbox')

function attackTables(): void {
  test('shows and takes nothing without a context, and says so', async () => {
    for (const table of readable())
      await assert.rejects(
        asServing((query) => query(`select * from ${table}`)),
        state('TNC01'),
        table,
      )
  })

  test('shows nothing of the other tenant, called by its full name in the place where that one lives', async () => {
    for (const table of readable()) {
      const rows = await reading(acme).all(
        sql`select * from ${raw(`${placeOfGlobex.schema}.${table}`)} where tenant_id = ${globex}`,
      )
      assert.deepEqual(rows, [], table)
    }
  })

  test('shows nothing of another tenant to a query that forgot its filter', async () => {
    for (const table of readable()) {
      const rows = await reading(acme).all<{ tenantId: string }>(sql`select tenant_id from ${raw(table)}`)
      assert.ok(
        rows.every(({ tenantId }) => tenantId === acme),
        table,
      )
    }
    const projects = await reading(acme).all(sql`select name from projects`)
    assert.ok(projects.length > 0)
  })

  test('refuses a row for another tenant', async () => {
    for (const table of tables) {
      const row = await rowOfGlobex(table)
      if (row) await assert.rejects(insertAsAcme(table, row), state('42501'), table)
    }
  })

  test('cannot be emptied, copied or altered by the serving role', async () => {
    for (const table of tables) {
      for (const statement of [
        `truncate ${table}`,
        `alter table ${table} disable row level security`,
        `drop table ${table}`,
        `create trigger t before insert on ${table} execute function now()`,
      ]) {
        await assert.rejects(
          asServing((query) => query(statement)),
          state('42501'),
          statement,
        )
      }
    }
  })
}

/** Undefined when the table holds none. */
async function rowOfGlobex(table: string): Promise<Record<string, unknown> | undefined> {
  const { superuserUrl, schema } = placeOfGlobex
  const columns = await rowsOf(
    superuserUrl,
    'select column_name from information_schema.columns where table_schema = $1 and table_name = $2 and is_generated = $3',
    [schema, table, 'NEVER'],
  )
  const names = columns.map((row) => String(row['column_name'])).join(', ')
  const [row] = await rowsOf(superuserUrl, `select ${names} from ${schema}.${table} where tenant_id = $1 limit 1`, [
    globex,
  ])
  return row
}

/** Under an id of its own where the table has ids, so that only the tenant is wrong. */
function insertAsAcme(table: string, row: Record<string, unknown>): Promise<unknown> {
  const columns = Object.keys(row)
  const values = columns.map((column) => (column === 'id' ? newId() : asParameter(row[column])))
  const places = columns.map((_, index) => `$${index + 1}`).join(', ')
  return asServing(async (query) => {
    await query("select set_config('app.context', $1, true)", [contextOf(acme)])
    await query(`insert into ${table} (${columns.join(', ')}) values (${places})`, values)
  })
}

function asParameter(value: unknown): unknown {
  const isDocument = Object.getPrototypeOf(value ?? '') === Object.prototype
  return isDocument ? JSON.stringify(value) : value
}

function attackContext(): void {
  const forgeries: [string, (context: string) => string, string][] = [
    ['for another tenant under the same signature', (context) => context.replace(acme, globex), 'TNC02'],
    [
      'with a later expiry',
      (context) => context.replace(/\.(\d+)\./, (_, ms: string) => `.${Number(ms) + 60_000}.`),
      'TNC02',
    ],
    ['with another actor', (context) => context.replace(/^(.{46})./, '$1a'), 'TNC02'],
    ['of an unknown key', (context) => `00000000${context.slice(8)}`, 'TNC02'],
    ['without its signature', (context) => context.slice(0, -65), 'TNC02'],
    ['that is empty', () => '', 'TNC01'],
    ['that is no context', () => 'x'.repeat(200), 'TNC02'],
  ]
  for (const [what, forge, code] of forgeries) {
    test(`${what} is refused`, async () => {
      const forged = forge(contextOf(acme))
      await assert.rejects(
        asServing(async (query) => {
          await query("select set_config('app.context', $1, true)", [forged])
          return query('select * from projects where tenant_id = $1', [globex])
        }),
        state(code),
      )
    })
  }

  test('stops working when it expires, by the clock of the database', async () => {
    const longAgo = new ContextSigner(place.key, () => Date.now() - contextValidMs * 2)
    await assert.rejects(
      asServing(async (query) => {
        await query("select set_config('app.context', $1, true)", [longAgo.sign(identity(acme))])
        return query('select * from projects')
      }),
      state('TNC03'),
    )
  })

  test('set by an injected set_config does not open another tenant', async () => {
    const named = `${'0'.repeat(8)}.${globex}.${newId()}.9999999999999.${'0'.repeat(64)}`
    const injections = [
      sql`select name from projects, (select set_config('app.context', ${named}, true)) injected`,
      sql`with injected as materialized (select set_config('app.context', ${named}, true)) select name from projects, injected`,
      sql`select name from projects order by set_config('app.context', ${named}, true)`,
      sql`select name from projects union all select name from projects, (select set_config('app.context', ${named}, false)) injected`,
    ]
    for (const injection of injections) {
      const rows = await reading(acme)
        .all<{ name: string }>(injection)
        .catch((error: unknown) => {
          assert.ok(state('TNC02')(error), String(error))
          return []
        })
      assert.ok(
        rows.every(({ name }) => !name.includes('globex')),
        injection.text,
      )
    }
    const [next] = await reading(acme).all<{ context: string }>(sql`select current_setting('app.context') as context`)
    assert.ok(next?.context.includes(acme), 'what an injection set is gone in the next request')
  })
}

function attackRole(): void {
  test('cannot become anybody else', async () => {
    for (const statement of [
      'set role tenantry_owner',
      "select set_config('role', 'tenantry_migrator', true)",
      'set session authorization tenantry_owner',
      'set role postgres',
    ]) {
      await assert.rejects(
        asServing((query) => query(statement)),
        state('42501'),
        statement,
      )
    }
  })

  test('gets an error, not rows, with row_security off', async () => {
    await assert.rejects(
      asServing(async (query) => {
        await query("select set_config('app.context', $1, true)", [contextOf(acme)])
        await query('set local row_security = off')
        return query('select * from projects')
      }),
      state('42501'),
    )
  })

  test('reads neither keys, nor accounts, nor the directory', async () => {
    await assert.rejects(
      asServing((query) => query('select * from tenancy.signing_keys')),
      state('42501'),
    )
    const { controlUrl, cells } = atlas.databases.settings
    const { username, password } = new URL(cells[0].servingUrl)
    await withClient(urlFor(controlUrl, { login: username, password }), async (client) => {
      for (const table of [
        'identity.users',
        'identity.sessions',
        'control.tenants',
        'control.memberships',
        'control.audit_events',
      ]) {
        await assert.rejects(client.query(`select * from ${table}`), state('42501'), table)
      }
    })
  })
}

function attackRights(): void {
  test('creates no table, temporary ones included', async () => {
    for (const statement of ['create table notes (id int)', 'create temp table notes (id int)', 'create schema mine'])
      await assert.rejects(
        asServing((query) => query(statement)),
        state('42501'),
        statement,
      )
  })

  test('changes no audit event', async () => {
    for (const statement of [
      'update audit_events set event = event',
      'delete from audit_events',
      'delete from audit_values',
    ])
      await assert.rejects(
        asServing((query) => query(statement)),
        state('42501'),
        statement,
      )
    for (const statement of [
      `update ${place.schema}.audit_events set event = event`,
      `delete from ${place.schema}.audit_events`,
      `truncate ${place.schema}.audit_events cascade`,
    ]) {
      await assert.rejects(rowsOf(place.superuserUrl, statement), state('TNA01'), `${statement}, even by a superuser`)
    }
  })
}

function attackKnowledge(): void {
  test('learns nothing from a foreign key: a foreign id and a missing one fail alike', async () => {
    const [foreign] = await rowsOf(
      placeOfGlobex.superuserUrl,
      `select id from ${placeOfGlobex.schema}.projects where tenant_id = $1 limit 1`,
      [globex],
    )
    const failures = await Promise.all(
      [String(foreign?.['id']), newId()].map(async (projectId) => {
        const transaction = writing(acme)
        const failed = await transaction
          .change(sql`insert into tasks (tenant_id, id, project_id, title, notes, state, created_at, updated_at)
            values (${acme}, ${newId()}, ${projectId}, 'x', '', 'todo', now(), now())`)
          .then(
            () => undefined,
            (error: { code: string; constraint: string }) => [error.code, error.constraint],
          )
        await transaction.rollback()
        return failed
      }),
    )
    assert.deepEqual(failures[0], failures[1])
    assert.equal(failures[0]?.[0], '23503')
  })

  test('sees no statistics of tenant tables', async () => {
    await rowsOf(place.superuserUrl, `analyze ${place.schema}.projects`)
    const rows = await reading(acme).all(
      sql`select * from pg_stats where schemaname = ${place.schema} and tablename = 'projects'`,
    )
    assert.deepEqual(rows, [])
  })
}

async function attackConnections(): Promise<void> {
  const settings = {
    'app.context': 'x',
    search_path: 'pg_catalog',
    statement_timeout: '7777ms',
    default_transaction_read_only: 'on',
    row_security: 'off',
  }
  for (const [name, value] of Object.entries(settings)) {
    await reading(acme).all(sql`select set_config(${name}, ${value}, false)`)
    const connections = target.database.connections.open
    for (let request = 0; request <= connections; request++) {
      const rows = await reading(acme).all<{ name: string; left: boolean }>(
        sql`select name, current_setting(${name}) = ${value} as left from projects`,
      )
      assert.deepEqual(rows, [{ name: 'The canary of acme', left: false }], name)
    }
    const transaction = writing(acme)
    await transaction.change(sql`update projects set name = name where tenant_id = ${acme}`)
    await transaction.rollback()
  }
}
