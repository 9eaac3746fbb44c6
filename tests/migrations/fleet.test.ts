import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { type FleetOptions, migrateFleet } from '../../platform/src/kernel/database/fleet.ts'
import type { Release } from '../../platform/src/kernel/database/fleet-survey.ts'
import type { MigrationTarget } from '../../platform/src/kernel/database/migrator.ts'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { urlFor } from '../../platform/src/kernel/database/roles.ts'
import { releaseOf } from '../../platform/src/migrate.ts'
import { ControlMirror } from '../../platform/src/modules/fleet/mirror.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import product from '../../product/app.ts'
import { rowsOf, type TestDatabases, testDatabases } from '../database.ts'
import { bridgeSchemas } from './bridge-schemas.ts'
import { ScratchModule } from './scratch-module.ts'

/** Many schemas of one installation brought to one release, some of which fail. */

const tenants = 30
let databases: TestDatabases
let opened: Databases
let shared: readonly MigrationTarget[]
let bridges: readonly MigrationTarget[]
let shipped: Release
let scratch: ScratchModule
before(async () => {
  databases = await testDatabases()
  opened = new Databases(databases.settings)
  shared = opened.sharedTargets()
  shipped = await releaseOf([...platformModules, ...product.modules])
})
after(async () => {
  await opened.end()
  await databases.drop()
})
beforeEach(async () => {
  scratch = await ScratchModule.make()
  const cell = shared.find(({ kind }) => kind === 'tenant') as MigrationTarget
  await rowsOf(databases.controlUrl, 'truncate control.fleet_targets')
  bridges = await bridgeSchemas(databases.cellUrl, cell, tenants)
})
afterEach(() => scratch.remove())

const release = async () => ({ migrations: [...shipped.migrations, ...(await scratch.migrations())] })
const run = async (targets: readonly MigrationTarget[], options: Omit<FleetOptions, 'mirror'> = {}) =>
  migrateFleet(targets, await release(), { ...options, mirror: new ControlMirror(opened.control) })
const mirrored = (state: string) =>
  rowsOf(databases.controlUrl, 'select name, level, error, attempts from control.fleet_targets where state = $1', [
    state,
  ])
const sql = (text: string, values: unknown[] = []) => rowsOf(databases.cellUrl, text, values)
const timesApplied = () =>
  sql(
    `select schema_name as schema, count(*)::int as times from migrations.ledger
     where module = 'scratch' and number = 2 and schema_name = any ($1) group by 1`,
    [bridges.map(({ schema }) => schema)],
  )

/** Notes in every schema, and a second migration that fails where a note has no text. */
async function notesEverywhere(): Promise<void> {
  await scratch.write('0001_notes', 'create table notes (id int, body text)', 'drop table notes')
  assert.equal((await run(bridges)).failed, 0)
  await scratch.write('0002_text', 'alter table notes alter body set not null', 'select 1')
}
const spoil = (target: MigrationTarget | undefined) => sql(`insert into ${target?.schema}.notes values (1, null)`)
const mend = (target: MigrationTarget | undefined) => sql(`update ${target?.schema}.notes set body = 'text'`)

describe('a fleet of schemas', () => {
  test('is brought up whole, and a second run finds nothing to do', async () => {
    const first = await run([...shared, ...bridges])
    assert.equal(first.failed, 0)
    assert.equal(first.migrated, tenants)
    const wanted = shipped.migrations.filter(({ kinds }) => kinds.includes('tenant')).length
    assert.equal(first.applied, tenants * wanted)
    const levels = (await mirrored('current')).filter(({ name }) => String(name).startsWith('bridge'))
    assert.deepEqual(
      levels.map(({ level }) => level),
      bridges.map(() => wanted),
    )
    const again = await run([...shared, ...bridges])
    assert.deepEqual(again, {
      seen: tenants + shared.length,
      behind: 0,
      migrated: 0,
      failed: 0,
      applied: 0,
      ahead: false,
      failures: [],
      failedCells: new Map(),
    })
  })

  test('loses one to bad data: the others are migrated, the one is reported, and the next run does only that one', async () => {
    await notesEverywhere()
    const bad = bridges[16]
    await spoil(bad)
    const outcome = await run(bridges)
    assert.equal(outcome.stopped, undefined)
    assert.deepEqual([outcome.migrated, outcome.failed], [tenants - 1, 1])
    assert.equal(outcome.failures[0]?.target, bad?.name)
    const [row] = await mirrored('failed')
    assert.equal(row?.['name'], bad?.name)
    assert.match(
      String(row?.['error']),
      /scratch text \(up\) failed on bridge .+: column "body" .+ contains null values/,
    )

    assert.equal((await run(bridges)).failed, 1)
    assert.equal((await mirrored('failed'))[0]?.['attempts'], 2)
    await mend(bad)
    const resumed = await run(bridges)
    assert.deepEqual([resumed.behind, resumed.migrated, resumed.applied], [1, 1, 1])
    assert.equal((await mirrored('failed')).length, 0)
    assert.ok((await timesApplied()).every(({ times }) => times === 1))
    assert.equal((await timesApplied()).length, tenants)
  })

  test('is not touched further when a canary fails, and what failed is no canary again', async () => {
    await notesEverywhere()
    await spoil(bridges[0])
    const stopped = await run(bridges)
    assert.equal(stopped.stopped, 'canary')
    assert.deepEqual([stopped.migrated, stopped.failed], [0, 1])
    const next = await run(bridges)
    assert.equal(next.stopped, undefined)
    assert.deepEqual([next.migrated, next.failed], [tenants - 1, 1])
  })

  test('stops when more fail than the budget allows', async () => {
    await notesEverywhere()
    for (const target of bridges.slice(12)) await spoil(target)
    const outcome = await run(bridges, { failuresMax: 3, workers: 2 })
    assert.equal(outcome.stopped, 'budget')
    assert.ok(outcome.failed >= 3 && outcome.failed <= 4, `${outcome.failed} failed`)
    assert.ok((await timesApplied()).length >= 11)
  })

  test('waits while somebody holds it, after what it is at; released, it goes on where it was', async () => {
    await notesEverywhere()
    await rowsOf(databases.controlUrl, "insert into control.fleet_hold (reason, since) values ('month end', now())")
    const held = await run(bridges)
    assert.deepEqual([held.stopped, held.migrated], ['held', 0])
    await rowsOf(databases.controlUrl, 'delete from control.fleet_hold')
    assert.equal((await run(bridges)).migrated, tenants)
  })

  test('has a database that cannot be reached: its target fails, the others do not', async () => {
    await scratch.write('0001_notes', 'create table notes (id int, body text)', 'drop table notes')
    const [first, ...others] = bridges as [MigrationTarget, ...MigrationTarget[]]
    const down = { ...first, name: 'silo down', url: urlFor(first.url, { database: 'no_such_database' }) }
    const outcome = await run([others[0] as MigrationTarget, down, ...others.slice(1)])
    assert.deepEqual([outcome.migrated, outcome.failed], [tenants - 1, 1])
    assert.match(outcome.failures[0]?.error ?? '', /no_such_database/)
    assert.equal((await mirrored('failed'))[0]?.['name'], 'silo down')
  })

  test('is migrated by two at once: both come to their end, and nothing is applied twice', async () => {
    await notesEverywhere()
    const outcomes = await Promise.all([run(bridges), run(bridges)])
    assert.deepEqual(
      outcomes.map(({ failed }) => failed),
      [0, 0],
    )
    assert.equal(
      outcomes.reduce((sum, { applied }) => sum + applied, 0),
      tenants,
    )
    assert.ok((await timesApplied()).every(({ times }) => times === 1))
  })

  test('has a table that somebody keeps locked: that schema is tried again, and the others do not wait for it', async () => {
    await notesEverywhere()
    const locked = bridges[14] as MigrationTarget
    await withClient(databases.cellUrl, async (reader) => {
      await reader.query(`begin; select from ${locked.schema}.notes`)
      const running = run(bridges)
      const othersDone = async () => (await timesApplied()).length === tenants - 1
      for (let tries = 0; tries < 40 && !(await othersDone()); tries++) await wait(100)
      assert.ok(await othersDone(), 'the others wait')
      await wait(5_500)
      await reader.query('commit')
      assert.equal((await running).failed, 0)
    })
    assert.equal((await timesApplied()).length, tenants)
  })

  test('forgets in the mirror the targets that are no more, once a run has seen all', async () => {
    await run(bridges)
    await run(bridges.slice(1))
    const names = (await mirrored('current')).map(({ name }) => name)
    assert.equal(names.length, tenants - 1)
    assert.ok(!names.includes(bridges[0]?.name))
  })
})
