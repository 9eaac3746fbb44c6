import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { rowsOf, type TestDatabases, testDatabases } from '../database.ts'

/** Plans of a new installation: they are made while its tables are empty, and kept while these grow. */

let databases: TestDatabases
before(async () => {
  databases = await testDatabases()
})
after(() => databases.drop())

test('in an empty table of tenants a row is found by its primary key, not by any index that begins with the tenant', async () => {
  const tables = await rowsOf(
    databases.cellUrl,
    `select c.relname as name from pg_constraint k join pg_class c on c.oid = k.conrelid
      where k.contype = 'p' and c.relnamespace = 'pool'::regnamespace
        and k.conkey = array(select attnum from pg_attribute where attrelid = c.oid and attname in ('tenant_id', 'id') order by attnum)`,
  )
  assert.ok(tables.length >= 8)
  for (const { name } of tables) {
    const plan = await rowsOf(
      databases.cellUrl,
      `explain (generic_plan) select from pool.${String(name)} where tenant_id = $1 and id = $2`,
    )
    const text = plan.map((line) => line['QUERY PLAN']).join('\n')
    assert.match(text, new RegExp(`${String(name)}_pkey`), text)
  }
})
