import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { ReadSession, Transaction } from '../../platform/src/kernel/database/session.ts'
import { contextValidMs } from '../../platform/src/kernel/database/signed-context.ts'
import { raw, sql } from '../../platform/src/kernel/database/statement.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'

/** What an attacker with an SQL injection, or a forgetful programmer, could try as the serving role. */

let atlas: TestInstallation
let tables: string[]
let acme: string
let globex: string
before(async () => {
  atlas = await TestInstallation.start()
  const kinds = atlas.installation.modules.flatMap((module) => Object.entries(module.tables))
  tables = [
    ...kinds.filter(([, facts]) => facts.kind === 'tenant').map(([name]) => name),
    'audit_events',
    'audit_values',
    'outbox',
    'inbox',
  ]
  for (const [tenant, as] of [
    ['acme', 'owner@acme.test'],
    ['globex', 'owner@globex.test'],
  ] as const) {
    const project = await atlas.ask<{ id: string }>('POST', '/api/v1/projects', {
      as,
      tenant,
      body: { name: `The canary of ${tenant}` },
    })
    await atlas.ask('POST', '/api/v1/tasks', {
      as,
      tenant,
      body: { projectId: project.id, title: `A task of ${tenant}` },
    })
    await atlas.ask('POST', '/api/v1/keys', { as, tenant, body: { name: 'A key', scopes: ['project:read'] } })
    await atlas.ask('POST', '/api/v1/invitations', {
      as,
      tenant,
      body: { email: 'guest@example.test', role: 'viewer' },
    })
  }
  const rows = await rowsOf(atlas.databases.controlUrl, 'select id, slug from control.tenants order by slug')
  acme = String(rows[0]?.['id'])
  globex = String(rows[1]?.['id'])
})
after(() => atlas.stop())

const identity = (tenantId: string) => ({ tenantId, actorId: newId() })
const target = () => ({ database: atlas.installation.databases.serving })
const reading = (tenantId: string) =>
  new ReadSession({ target: target(), identity: identity(tenantId), deadlineMs: performance.now() + 10_000 })
const writing = (tenantId: string) =>
  new Transaction({ target: target(), identity: identity(tenantId), deadlineMs: performance.now() + 10_000 })
const contextOf = (tenantId: string) => atlas.installation.databases.serving.signer.sign(identity(tenantId))

/** Runs statements as the serving role without any session of ours, in one transaction that is rolled back. */
async function asServing<Result>(
  work: (query: (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>) => Promise<Result>,
): Promise<Result> {
  return withClient(atlas.databases.settings.servingUrl, async (client) => {
    await client.query('begin')
    try {
      return await work(async (text, values) => (await client.query(text, values)).rows as Record<string, unknown>[])
    } finally {
      await client.query('rollback')
    }
  })
}

const state = (wanted: string) => (error: unknown) => (error as { code?: string }).code === wanted
const readable = () => tables.filter((table) => table !== 'outbox')

describe('every tenant table', () => {
  test('shows and takes nothing without a context, and says so', async () => {
    for (const table of readable())
      await assert.rejects(
        asServing((query) => query(`select * from ${table}`)),
        state('TNC01'),
        table,
      )
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
      const columns = (
        await rowsOf(
          atlas.databases.cellUrl,
          'select column_name from information_schema.columns where table_schema = $1 and table_name = $2 and is_generated = $3 order by ordinal_position',
          ['pool', table, 'NEVER'],
        )
      ).map((row) => String(row['column_name']))
      const template = await rowsOf(
        atlas.databases.cellUrl,
        `select ${columns.join(', ')} from pool.${table} where tenant_id = $1 limit 1`,
        [globex],
      )
      if (!template[0]) continue
      const values = columns.map((column) => (column === 'id' ? newId() : template[0]?.[column]))
      const insert = `insert into ${table} (${columns.join(', ')}) values (${columns.map((_, index) => `$${index + 1}`).join(', ')})`
      await assert.rejects(
        asServing(async (query) => {
          await query("select set_config('app.context', $1, true)", [contextOf(acme)])
          await query(
            insert,
            values.map((value) =>
              value instanceof Date ||
              value === null ||
              typeof value !== 'object' ||
              Buffer.isBuffer(value) ||
              Array.isArray(value)
                ? value
                : JSON.stringify(value),
            ),
          )
        }),
        state('42501'),
        table,
      )
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
})

describe('a context', () => {
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
    const { ContextSigner } = await import('../../platform/src/kernel/database/signed-context.ts')
    const longAgo = new ContextSigner(atlas.installation.databases.keyOf('cell'), () => Date.now() - contextValidMs * 2)
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
})

describe('the serving role', () => {
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
    await withClient(
      atlas.databases.settings.controlUrl.replace(
        /\/\/[^@]+@/,
        `//${new URL(atlas.databases.settings.servingUrl).username}:${new URL(atlas.databases.settings.servingUrl).password}@`,
      ),
      async (client) => {
        for (const table of [
          'identity.users',
          'identity.sessions',
          'control.tenants',
          'control.memberships',
          'control.audit_events',
        ]) {
          await assert.rejects(client.query(`select * from ${table}`), state('42501'), table)
        }
      },
    )
  })

  test('creates no table, temporary ones included, and changes no audit event', async () => {
    for (const statement of [
      'create table notes (id int)',
      'create temp table notes (id int)',
      'create schema mine',
      'update audit_events set event = event',
      'delete from audit_events',
      'delete from audit_values',
    ]) {
      await assert.rejects(
        asServing((query) => query(statement)),
        state('42501'),
        statement,
      )
    }
    for (const statement of [
      'update pool.audit_events set event = event',
      'delete from pool.audit_events',
      'truncate pool.audit_events cascade',
    ]) {
      await assert.rejects(
        rowsOf(atlas.databases.cellUrl, statement),
        state('TNA01'),
        `${statement}, even by a superuser`,
      )
    }
  })

  test('learns nothing from a foreign key: a foreign id and a missing one fail alike', async () => {
    const [foreign] = await rowsOf(
      atlas.databases.cellUrl,
      'select id from pool.projects where tenant_id = $1 limit 1',
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
    await rowsOf(atlas.databases.cellUrl, 'analyze pool.projects')
    const rows = await reading(acme).all(
      sql`select * from pg_stats where schemaname = 'pool' and tablename = 'projects'`,
    )
    assert.deepEqual(rows, [])
  })
})

test('nothing that one request set is visible in the next on the same connection', async () => {
  const settings = {
    'app.context': 'x',
    search_path: 'pg_catalog',
    statement_timeout: '1',
    default_transaction_read_only: 'on',
    row_security: 'off',
  }
  for (const [name, value] of Object.entries(settings)) {
    await reading(acme).all(sql`select set_config(${name}, ${value}, false)`)
    const connections = atlas.installation.databases.serving.connections.open
    for (let request = 0; request <= connections; request++) {
      const rows = await reading(globex).all<{ name: string }>(sql`select name from projects`)
      assert.deepEqual(
        rows.map((row) => row.name),
        ['The canary of globex'],
        name,
      )
    }
    const transaction = writing(globex)
    await transaction.change(sql`update projects set name = name where tenant_id = ${globex}`)
    await transaction.rollback()
  }
})

test('a thousand interleaved statements of fifty tenants over a few connections each see only their own canary', async () => {
  const tenants = Array.from({ length: 50 }, () => newId())
  for (const tenantId of tenants) {
    const transaction = writing(tenantId)
    await transaction.change(sql`insert into projects (tenant_id, id, name, description, state, created_at, updated_at)
      values (${tenantId}, ${newId()}, ${`canary ${tenantId}`}, '', 'planned', now(), now())`)
    await transaction.commit([])
  }
  const turns = Array.from({ length: 1_000 }, (_, turn) => tenants[(turn * 7) % tenants.length] as string)
  await Promise.all(
    turns.map(async (tenantId, turn) => {
      if (turn % 3 === 0) {
        const transaction = writing(tenantId)
        const [row] = await transaction.all<{ name: string }>(sql`select name from projects for update`)
        if (turn % 2 === 0) await transaction.rollback()
        else await transaction.commit([])
        assert.equal(row?.name, `canary ${tenantId}`)
      } else {
        const rows = await reading(tenantId).all<{ name: string }>(sql`select name from projects`)
        assert.deepEqual(rows, [{ name: `canary ${tenantId}` }])
      }
    }),
  )
})
