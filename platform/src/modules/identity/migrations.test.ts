import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { migrations, runMigration, TestDatabase } from './database.fixture.ts'

let database: TestDatabase
before(async () => {
  database = await TestDatabase.create()
})
after(() => database.drop())

const tables = [
  'account_recoveries',
  'accounts',
  'authenticators',
  'email_changes',
  'known_devices',
  'passkeys',
  'pending_sign_ins',
  'recovery_codes',
  'sessions',
  'throttles',
  'used_challenges',
  'users',
  'verifications',
]

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
  const left =
    "select relname as name from pg_class where relnamespace = 'identity'::regnamespace and relkind = 'r' order by 1"
  for (const name of migrations.toReversed()) await runMigration(database.superuser, name, 'down')
  assert.deepEqual(await database.rows(left), [])
  for (const name of migrations) await runMigration(database.superuser, name, 'up')
  assert.deepEqual(
    (await database.rows(left)).map(({ name }) => name),
    tables,
  )
})
