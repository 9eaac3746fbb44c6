import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { type Migration, readMigrations } from '../../platform/src/kernel/database/migration-files.ts'
import { MigrationRefused } from '../../platform/src/kernel/database/migration-ledger.ts'
import {
  type MigrationTarget,
  migrateDown,
  migrateUp,
  migrationState,
} from '../../platform/src/kernel/database/migrator.ts'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { migrationSources } from '../../platform/src/migrate.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import product from '../../product/app.ts'
import { rowsOf, type TestDatabases, testDatabases } from '../database.ts'
import { until } from '../until.ts'
import { catalogueDump } from './catalogue-dump.ts'
import { ScratchModule } from './scratch-module.ts'

/** What the migrator does when something is not as it should be. */

let databases: TestDatabases
let target: MigrationTarget
let shipped: readonly Migration[]
let scratch: ScratchModule
before(async () => {
  databases = await testDatabases()
  shipped = await readMigrations(migrationSources([...platformModules, ...product.modules]))
  target = new Databases(databases.settings).sharedTargets().find(({ kind }) => kind === 'tenant') as MigrationTarget
})
after(() => databases.drop())
beforeEach(async () => {
  scratch = await ScratchModule.make()
})
afterEach(async () => {
  const applied = await rowsOf(databases.cellUrl, "select from migrations.ledger where module = 'scratch'")
  await migrateDown(target, await all(), applied.length)
  await scratch.remove()
})

const all = async () => [...shipped, ...(await scratch.migrations())]
const up = async () => (await migrateUp(target, await all())).applied
const relation = async (name: string) =>
  (await rowsOf(databases.cellUrl, 'select to_regclass($1) is not null as there', [`pool.${name}`]))[0]?.['there']
/** Selects of each session of the server in which a migration sleeps. */
const sleepers = (what: string) =>
  rowsOf(
    databases.cellUrl,
    `select ${what} from pg_stat_activity
    where datname = current_database() and query like '%; select pg_sleep(%' and pid <> pg_backend_pid()`,
  )

describe('a database that does not fit the release', () => {
  test('is refused when a migration was changed after it was applied, naming it and the way out', async () => {
    await scratch.write('0001_notes', 'create table notes (id uuid primary key)', 'drop table notes')
    await up()
    await scratch.write('0001_notes', 'create table notes (id text primary key)', 'drop table notes')
    await scratch.write('0002_more_notes', 'create table more_notes (id uuid primary key)', 'drop table more_notes')
    const before = await catalogueDump(databases.cellUrl)
    const refusal = (error: Error) => {
      assert.ok(error instanceof MigrationRefused)
      assert.match(error.message, /scratch 0001_notes was changed after it was applied to cell main\. Restore the file/)
      return true
    }
    for (const attempt of [migrateUp, migrationState]) await assert.rejects(attempt(target, await all()), refusal)
    await assert.rejects(migrateDown(target, await all(), 1), refusal)
    assert.deepEqual(await catalogueDump(databases.cellUrl), before)
    await scratch.write('0001_notes', 'create table notes (id uuid primary key)', 'drop table notes')
  })

  test('is refused when it has what this release does not know and lacks what it has, naming both', async () => {
    await scratch.write('0001_from_a_branch', 'create table branch (id uuid primary key)', 'drop table branch')
    await up()
    const other = await ScratchModule.make()
    await other.write('0002_from_another', 'create table another (id uuid primary key)', 'drop table another')
    const before = await catalogueDump(databases.cellUrl)
    const refusal = (error: Error) => {
      assert.ok(error instanceof MigrationRefused)
      assert.match(error.message, /cell main was migrated by another release: it has scratch 0001_from_a_branch/)
      assert.match(error.message, /and lacks scratch 0002_from_another\. Start a release that has both/)
      return true
    }
    const migrations = [...shipped, ...(await other.migrations())]
    for (const attempt of [migrateUp, migrationState]) await assert.rejects(attempt(target, migrations), refusal)
    assert.deepEqual(await catalogueDump(databases.cellUrl), before)
    await other.remove()
  })

  test('is not taken back by a release before the one that was here', async () => {
    await scratch.write('0001_from_the_future', 'create table tomorrow (id uuid primary key)', 'drop table tomorrow')
    await up()
    const before = await catalogueDump(databases.cellUrl)
    await assert.rejects(migrateDown(target, shipped, 1), (error: Error) => {
      assert.ok(error instanceof MigrationRefused)
      assert.match(error.message, /cell main was migrated by a newer release: it has scratch 0001_from_the_future/)
      assert.match(error.message, /Take that back with the newer release first/)
      return true
    })
    assert.deepEqual(await catalogueDump(databases.cellUrl), before)
  })
})

describe('a migration that does not come to its end', () => {
  test('because a statement fails: it leaves nothing of itself, those before it stand, and it can be run again', async () => {
    await scratch.write('0001_first', 'create table first (id int)', 'drop table first')
    await scratch.write('0002_broken', 'create table broken (id int); insert into broken values (1); select 1 / 0')
    await scratch.write('0003_after', 'create table after (id int)', 'drop table after')
    await assert.rejects(up(), /scratch broken \(up\) failed on cell main: division by zero/)
    assert.deepEqual([await relation('first'), await relation('broken'), await relation('after')], [true, false, false])
    const { states } = await migrationState(target, await all())
    assert.deepEqual(
      states.slice(-3).map(({ appliedAt }) => appliedAt !== undefined),
      [true, false, false],
    )
    await scratch.write('0002_broken', 'create table broken (id int)', 'drop table broken')
    assert.equal(await up(), 2)
    assert.deepEqual([await relation('broken'), await relation('after')], [true, true])
  })

  test('because row security hides from the owner what it should change: it fails instead of changing nothing', async () => {
    await scratch.write(
      '0001_labels',
      `create table labels (tenant_id uuid, name text);
       insert into labels values (gen_random_uuid(), 'a ');
       select tenancy.protect_tenant_table('labels', 'select, insert')`,
      'drop table labels',
    )
    assert.equal(await up(), 1)
    for (const change of ['update labels set name = trim(name)', 'delete from labels']) {
      await scratch.write('0002_change', change)
      await assert.rejects(up(), /scratch change \(up\) failed .* row-level security policy for table "labels"/)
    }
    assert.deepEqual(await rowsOf(databases.cellUrl, 'select name from pool.labels'), [{ name: 'a ' }])
    await scratch.write('0002_change', 'select 1')
    assert.equal(await up(), 1)
  })

  test('because row security hides from the owner what it should check: a foreign key is not called valid unseen', async () => {
    const columns = 'tenant_id uuid, id uuid, list_id uuid, primary key (tenant_id, id)'
    await scratch.write(
      '0001_lists',
      `create table lists (${columns}); create table entries (${columns});
       insert into entries values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid());
       select tenancy.protect_tenant_table('lists', 'select'), tenancy.protect_tenant_table('entries', 'select');
       alter table entries add constraint in_list foreign key (tenant_id, list_id) references lists not valid`,
      'drop table entries, lists',
    )
    assert.equal(await up(), 1)
    const validate = 'alter table entries validate constraint in_list'
    await scratch.write('0002_check', validate)
    await assert.rejects(up(), /scratch check \(up\) failed .* row-level security policy for table "entries"/)
    const forced = (force: string) =>
      ['lists', 'entries'].map((table) => `alter table ${table} ${force} row level security`)
    await scratch.write('0002_check', [...forced('no force'), validate, ...forced('force')].join('; '))
    await assert.rejects(up(), /violates foreign key constraint "in_list"/)
    await rowsOf(databases.cellUrl, 'delete from pool.entries')
    assert.equal(await up(), 1)
  })

  test('because its connection is lost: the same, and nobody holds the lock for ever', async () => {
    await scratch.write('0001_slow', 'create table slow (id int); select pg_sleep(30)', 'drop table slow')
    const migrating = assert.rejects(up(), /scratch slow \(up\) failed on cell main/)
    await until('it sleeps', async () => (await sleepers('pid')).length > 0)
    await sleepers('pg_terminate_backend(pid)')
    await migrating
    assert.equal(await relation('slow'), false)
    await scratch.write('0001_slow', 'create table slow (id int)', 'drop table slow')
    assert.equal(await up(), 1)
  })

  test('because it goes down and fails there: it stays applied as a whole', async () => {
    await scratch.write('0001_kept', 'create table kept (id int)', 'drop table kept; select 1 / 0')
    await up()
    await assert.rejects(
      migrateDown(target, await all(), 1),
      /scratch kept \(down\) failed on cell main: division by zero/,
    )
    assert.equal(await relation('kept'), true)
    await scratch.write('0001_kept', 'create table kept (id int)', 'drop table kept')
  })
})

describe('a migrator', () => {
  test('waits for another one, and then finds its work done', async () => {
    await scratch.write('0001_slow', 'create table slow (id int); select pg_sleep(1)', 'drop table slow')
    const first = up()
    await until('it sleeps', async () => (await sleepers('pid')).length > 0)
    assert.deepEqual(await Promise.all([first, up()]), [1, 0])
  })

  test('gives way to whoever waits behind it for a table, and tries again', async () => {
    await scratch.write('0001_colour', 'alter table projects add colour text', 'alter table projects drop colour')
    const lockTimeoutMs = 5_000
    await withClient(databases.cellUrl, async (longReader) => {
      await longReader.query('begin')
      await longReader.query('select count(*) from pool.projects')
      const migrating = up()
      const waiters = "select from pg_locks where relation = 'pool.projects'::regclass and not granted"
      await until('it waits', async () => (await rowsOf(databases.cellUrl, waiters)).length > 0)
      const beganAtMs = performance.now()
      await rowsOf(databases.cellUrl, 'select count(*) from pool.projects')
      const waitedMs = performance.now() - beganAtMs
      assert.ok(waitedMs > 1_000 && waitedMs < lockTimeoutMs + 500, `a reader stood in line for ${waitedMs} ms`)
      await longReader.query('commit')
      assert.equal(await migrating, 1)
    })
  })

  test('runs every file with time-outs of its own', async () => {
    const settings = "select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement"
    await scratch.write('0001_limits', `create table limits as ${settings}`, 'drop table limits')
    await up()
    assert.deepEqual(await rowsOf(databases.cellUrl, 'select * from pool.limits'), [{ lock: '5s', statement: '15min' }])
  })

  test('refuses a file whose name or first line says too little', async () => {
    await scratch.write('1_no_digits', 'select 1')
    await assert.rejects(scratch.migrations(), /1_no_digits\.up\.sql: migrations are named 0001_what_it_does\.up\.sql/)
    await scratch.remove()
    scratch = await ScratchModule.make()
  })
})
