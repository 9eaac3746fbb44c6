import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import type { Migration } from '../../platform/src/kernel/database/migration-files.ts'
import { type MigrationTarget, migrateDown, migrateUp } from '../../platform/src/kernel/database/migrator.ts'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { releaseOf } from '../../platform/src/migrate.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import product from '../../product/app.ts'
import { rowsOf, type TestDatabases, testDatabases } from '../database.ts'
import { ScratchModule } from './scratch-module.ts'

/** Files that run outside a transaction, because PostgreSQL builds an index beside the work of others only there. */

let databases: TestDatabases
let target: MigrationTarget
let shipped: readonly Migration[]
let scratch: ScratchModule
before(async () => {
  databases = await testDatabases()
  shipped = (await releaseOf([...platformModules, ...product.modules])).migrations
  target = new Databases(databases.settings).sharedTargets().find(({ kind }) => kind === 'tenant') as MigrationTarget
})
after(() => databases.drop())
beforeEach(async () => {
  scratch = await ScratchModule.make()
  await scratch.write('0001_notes', 'create table notes (id int, body text)', 'drop table notes')
  assert.equal((await migrateUp(target, await all())).applied, 1)
})
afterEach(async () => {
  const applied = await sql("select from migrations.ledger where module = 'scratch'")
  await migrateDown(target, await all(), applied.length)
  await scratch.remove()
})

const all = async () => [...shipped, ...(await scratch.migrations())]
const sql = (text: string) => rowsOf(databases.cellUrl, text)
const indexes = () =>
  sql(
    "select indisvalid as valid from pg_index join pg_class c on c.oid = indexrelid where relname = 'notes_by_body' order by 1",
  )
const writeIndex = () =>
  scratch.write(
    '0002_notes_by_body',
    '-- transaction: none\ncreate index concurrently if not exists notes_by_body on notes (body)',
    '-- transaction: none\ndrop index concurrently if exists notes_by_body',
  )

test('an index is built while others write to its table, and taken back the same way', async () => {
  await writeIndex()
  await withClient(databases.cellUrl, async (writer) => {
    await writer.query("begin; insert into pool.notes values (1, 'first')")
    const migrating = migrateUp(target, await all())
    await wait(300)
    await sql("insert into pool.notes values (2, 'second')")
    await writer.query('commit')
    assert.equal((await migrating).applied, 1)
  })
  assert.deepEqual(await indexes(), [{ valid: true }])
  assert.equal(await migrateDown(target, await all(), 1), 1)
  assert.deepEqual(await indexes(), [])
})

test('an index whose building was interrupted is left invalid, and dropped and built anew by the next run', async () => {
  await writeIndex()
  await withClient(databases.cellUrl, async (writer) => {
    await writer.query("begin; insert into pool.notes values (1, 'first')")
    const migrating = assert.rejects(migrateUp(target, await all()), /scratch notes_by_body \(up\) failed on cell main/)
    const building =
      "select pid from pg_stat_activity where query like 'create index concurrently%' and wait_event_type = 'Lock'"
    while ((await sql(building)).length === 0) await wait(20)
    await sql(building.replace('select pid', 'select pg_terminate_backend(pid)'))
    await migrating
    await writer.query('commit')
  })
  assert.deepEqual(await indexes(), [{ valid: false }])
  assert.equal((await migrateUp(target, await all())).applied, 1)
  assert.deepEqual(await indexes(), [{ valid: true }])
  assert.equal((await migrateUp(target, await all())).applied, 0)
})

test('an index that was built by a process that ended before it wrote the ledger is taken as it is', async () => {
  await writeIndex()
  await sql('create index notes_by_body on pool.notes (body)')
  assert.equal((await migrateUp(target, await all())).applied, 1)
  assert.deepEqual(await indexes(), [{ valid: true }])
})

for (const [what, statement] of [
  ['two statements', 'drop index concurrently if exists one; drop index concurrently if exists two'],
  ['what cannot be repeated', 'create index concurrently notes_by_body on notes (body)'],
  ['anything but an index', "update notes set body = ''"],
] as const) {
  test(`a file outside a transaction that holds ${what} is refused before anything runs`, async () => {
    await scratch.write('0002_wrong', `-- transaction: none\n${statement}`)
    await assert.rejects(all(), /0002_wrong\.up\.sql: .* holds one statement/)
    await scratch.write('0002_wrong', 'select 1')
  })
}
