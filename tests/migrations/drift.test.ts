import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { type Drift, driftIn } from '../../platform/src/kernel/database/fleet-drift.ts'
import { type MigrationTarget, migrateUp } from '../../platform/src/kernel/database/migrator.ts'
import { releaseOf } from '../../platform/src/migrate.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import product from '../../product/app.ts'
import { rowsOf, type TestDatabases, testDatabases } from '../database.ts'
import { bridgeSchemas } from './bridge-schemas.ts'

let databases: TestDatabases
let cell: MigrationTarget
let bridges: readonly MigrationTarget[]
before(async () => {
  databases = await testDatabases()
  cell = new Databases(databases.settings).sharedTargets().find(({ kind }) => kind === 'tenant') as MigrationTarget
  bridges = await bridgeSchemas(databases.cellUrl, cell, 4)
  const { migrations } = await releaseOf([...platformModules, ...product.modules])
  for (const target of bridges) await migrateUp(target, migrations)
})
after(() => databases.drop())

const drifted = async () => {
  const found: Drift[] = []
  for await (const each of driftIn([cell, ...bridges])) found.push(each)
  return found
}

test('schemas that the same migrations made are alike, whatever they are called', async () => {
  assert.deepEqual(await drifted(), [])
})

const changes = [
  ['a column', 'alter table {}.tasks add column colour text', /^\+ column tasks\.colour text/],
  ['a type', 'alter table {}.tasks alter title type varchar(200)', /^[+-] column tasks\.title/],
  ['a default', "alter table {}.tasks alter notes set default ''", /^[+-] column tasks\.notes/],
  ['an index', 'drop index {}.tasks_by_project', /^- index CREATE INDEX tasks_by_project ON tasks/],
  ['a constraint', 'alter table {}.tasks drop constraint tasks_state_check', /^- constraint tasks\.tasks_state_check/],
  ['a policy', 'drop policy tenant_verified on {}.tasks', /^- policy tasks\.tenant_verified/],
  ['a grant', 'grant delete on {}.tasks to tenantry_relay', /^[+-] table tasks,/],
  ['row security', 'alter table {}.tasks no force row level security', /^[+-] table tasks,/],
  ['a trigger', 'drop trigger append_only on {}.audit_events', /^- trigger CREATE TRIGGER append_only/],
  ['a table', 'create table {}.left_over (id int)', /^\+ (table|column) left_over/],
] as const
for (const [what, change, line] of changes) {
  test(`${what} that was changed by hand is found, in the one schema where it was`, async () => {
    const [target] = bridges as [MigrationTarget]
    await rowsOf(databases.cellUrl, change.replace('{}', target.schema))
    const [drift, ...others] = await drifted()
    assert.deepEqual(others, [])
    assert.equal(drift?.target, target.name)
    assert.ok(
      drift.differences.some((each) => line.test(each)),
      drift.differences.join('\n'),
    )
    assert.ok(drift.differences.every((each) => !each.includes(target.schema)))
  })
}
