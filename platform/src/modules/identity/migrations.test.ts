import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { migration, TestDatabase } from './test-database.ts'

let database: TestDatabase
before(async () => {
  database = await TestDatabase.create()
})
after(() => database.drop())

const tables = ['accounts', 'sessions', 'throttles', 'users', 'verifications']

test('the tables belong to the owner, and only the identity role may use them', async () => {
  const rows = await database.rows(`
    select c.relname as name, c.relowner::regrole::text as owner, a.grantee::regrole::text as grantee,
      string_agg(a.privilege_type, ' ' order by a.privilege_type) as privileges
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
      cross join lateral aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
    where n.nspname = 'identity' and c.relkind = 'r' and a.grantee <> c.relowner
    group by 1, 2, 3 order by 1`)
  const allowed = { owner: 'tenantry_owner', grantee: 'tenantry_identity', privileges: 'DELETE INSERT SELECT UPDATE' }
  assert.deepEqual(
    rows,
    tables.map((name) => ({ name, ...allowed })),
  )
})

test('the serving role can neither read nor write, nor see what there is', async () => {
  for (const table of tables) {
    for (const statement of [
      `select 1 from identity.${table}`,
      `insert into identity.${table} default values`,
      `update identity.${table} set ctid = ctid`,
      `delete from identity.${table}`,
      `truncate identity.${table}`,
    ]) {
      await database.superuser.query('begin')
      await database.superuser.query('set local role tenantry_serving')
      await assert.rejects(database.superuser.query(statement), { code: '42501' }, statement)
      await database.superuser.query('rollback')
    }
  }
})

test('going down leaves nothing, and up again works', async () => {
  await database.superuser.query(await migration('down'))
  assert.deepEqual(await database.rows("select nspname from pg_namespace where nspname = 'identity'"), [])
  await database.superuser.query(await migration('up'))
  const rows = await database.rows("select tablename as name from pg_tables where schemaname = 'identity' order by 1")
  assert.deepEqual(
    rows.map(({ name }) => name),
    tables,
  )
})
