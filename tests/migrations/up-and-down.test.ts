import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { type Migration, readMigrations } from '../../platform/src/kernel/database/migration-files.ts'
import {
  type MigrationTarget,
  migrateDown,
  migrateUp,
  migrationState,
} from '../../platform/src/kernel/database/migrator.ts'
import { migrate, migrationSources } from '../../platform/src/migrate.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import product from '../../product/app.ts'
import { rowsOf, type TestDatabases, testDatabases } from '../database.ts'
import { catalogueDump, madeByMigrations } from './catalogue-dump.ts'

/** The migrations of the platform and of Atlas, forwards and backwards. */

const modules = [...platformModules, ...product.modules]
let databases: TestDatabases
let migrations: readonly Migration[]
let targets: readonly MigrationTarget[]
before(async () => {
  databases = await testDatabases()
  migrations = await readMigrations(migrationSources(modules))
  targets = new Databases(databases.settings).sharedTargets()
})
after(() => databases.drop())

const urlOf = ({ kind }: MigrationTarget) => (kind === 'control' ? databases.controlUrl : databases.cellUrl)
const migrationsOf = ({ kind }: MigrationTarget) => migrations.filter(({ kinds }) => kinds.includes(kind))

test('each migration, taken back, leaves the schema that it found, and all of them leave none', async () => {
  for (const target of targets) {
    const all = migrationsOf(target)
    assert.ok(all.length >= 4, target.name)
    const complete = await catalogueDump(urlOf(target))
    assert.ok(madeByMigrations(complete).length > 100)
    assert.equal(await migrateDown(target, migrations, all.length), all.length)
    const levels = [await catalogueDump(urlOf(target))]
    assert.deepEqual(madeByMigrations(levels[0] ?? []), [])
    for (const [index, { module, name }] of all.entries()) {
      assert.equal((await migrateUp(target, all.slice(0, index + 1))).applied, 1)
      levels.push(await catalogueDump(urlOf(target)))
      assert.notDeepEqual(levels[index + 1], levels[index], `${module} ${name} makes nothing`)
    }
    assert.deepEqual(levels.at(-1), complete)
    for (const [index, { module, name }] of [...all.entries()].toReversed()) {
      assert.equal(await migrateDown(target, migrations, 1), 1)
      assert.deepEqual(await catalogueDump(urlOf(target)), levels[index], `${module} ${name} down`)
    }
  }
  assert.ok((await migrate(databases.settings, modules)).applied > 0)
})

test('status names every migration of each target, with the time for those that are applied, and only for them', async () => {
  for (const target of targets) {
    const all = migrationsOf(target)
    const since = Date.now() - 60_000
    const { states: complete } = await migrationState(target, migrations)
    assert.deepEqual(
      complete.map(({ migration }) => migration),
      all,
    )
    for (const { appliedAt } of complete) assert.ok(Date.parse(appliedAt ?? '') > since)
    await migrateDown(target, migrations, 2)
    const { states } = await migrationState(target, migrations)
    const missing = states.filter(({ appliedAt }) => appliedAt === undefined).map(({ migration }) => migration)
    assert.deepEqual(missing, all.slice(-2))
    assert.equal((await migrateUp(target, migrations)).applied, 2)
    assert.equal((await migrateUp(target, migrations)).applied, 0)
  }
})

describe('two migrators at once', () => {
  test('both succeed, and nothing is applied twice', async () => {
    const ledgers = () =>
      Promise.all(
        targets.map((target) => rowsOf(urlOf(target), 'select module, number from migrations.ledger order by 1, 2')),
      )
    const complete = await ledgers()
    for (const target of targets) await migrateDown(target, migrations, migrationsOf(target).length)
    const outcomes = await Promise.all([1, 2, 3].map(() => migrate(databases.settings, modules)))
    assert.equal(
      outcomes.reduce((sum, { applied }) => sum + applied, 0),
      targets.flatMap(migrationsOf).length,
    )
    assert.deepEqual(await ledgers(), complete)
  })
})
