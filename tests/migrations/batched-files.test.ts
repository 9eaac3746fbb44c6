import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { finishBatches, unfinishedBatches } from '../../platform/src/batched-migrations.ts'
import { readBatchedMigrations } from '../../platform/src/kernel/database/batched-migration.ts'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { migrate } from '../../platform/src/migrate.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import product from '../../product/app.ts'
import { rowsOf, type TestDatabases, testDatabases } from '../database.ts'
import { ScratchModule } from './scratch-module.ts'

/** Files of batched migrations, and an installation in which nobody has rows to change. */

let databases: TestDatabases
let opened: Databases
let scratch: ScratchModule
before(async () => {
  databases = await testDatabases()
  opened = new Databases(databases.settings)
})
after(async () => {
  await opened.end()
  await databases.drop()
})
beforeEach(async () => {
  scratch = await ScratchModule.make()
})
afterEach(() => scratch.remove())

const sound = `update projects set name = 'x' where tenant_id = $1 and id in (select id from projects where tenant_id = $1 limit $2)`
const read = () => readBatchedMigrations([{ module: 'scratch', folder: scratch.folder }])

test('a file says of which tenant it changes how many rows, in one statement, and waits for rows that are locked', async () => {
  const unsound = [
    sound.replaceAll('tenant_id = $1', "name = 'y'"),
    sound.replace('limit $2', ''),
    sound.replace('limit $2', 'limit $2 for update skip locked'),
    `${sound}; delete from projects`,
  ]
  for (const statement of unsound) {
    await scratch.writeBatch('0002_change', statement)
    await assert.rejects(read(), /0002_change\.batch\.sql: a batched migration begins with .* holds one statement/)
  }
  await scratch.writeBatch('0002_change', sound)
  const [migration] = await read()
  assert.deepEqual(migration?.statementFor('some tenant').values, ['some tenant', 'some tenant', 500])
})

test('a file whose number is taken, or whose name says too little, is refused', async () => {
  await scratch.writeBatch('3_change', sound)
  await assert.rejects(read(), /3_change\.batch\.sql: batched migrations are named 0001_what_it_changes\.batch\.sql/)
  await scratch.remove()
  scratch = await ScratchModule.make()
  await scratch.write('0002_other', 'select 1')
  await scratch.writeBatch('0002_change', sound)
  await assert.rejects(read(), /0002_change\.batch\.sql: its number is also that of 0002_other\.up\.sql/)
})

test('where nobody has rows it is finished at once and nothing waits; a text that was changed later begins again', async () => {
  const modules = [...platformModules, ...product.modules, scratch.module]
  await scratch.writeBatch('0001_change', sound)
  await scratch.write('0002_after', 'create table after (id int)', 'drop table after')
  assert.equal((await migrate(databases.settings, modules)).applied, 1)
  assert.deepEqual(await unfinishedBatches(opened, await read()), [])
  await scratch.writeBatch('0001_change', sound.replace("'x'", "'z'"))
  const [changed] = await unfinishedBatches(opened, await read())
  assert.equal(changed?.startedAt, null)
  const notBegun = await finishBatches(opened, await read(), () => {})
  assert.equal(notBegun[0]?.finishedAt, null)
  await migrate(databases.settings, modules)
  assert.deepEqual(await unfinishedBatches(opened, await read()), [])
  const rows = await rowsOf(databases.controlUrl, 'select number, checksum from control.fleet_batches')
  assert.deepEqual(
    rows.map(({ checksum }) => checksum),
    (await read()).map(({ checksum }) => checksum),
  )
})
