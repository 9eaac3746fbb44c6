import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { migrateFleet } from '../../platform/src/kernel/database/fleet.ts'
import type { MigrationTarget } from '../../platform/src/kernel/database/migrator.ts'
import { releaseOf } from '../../platform/src/migrate.ts'
import { ControlMirror } from '../../platform/src/modules/fleet/mirror.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import product from '../../product/app.ts'
import { rowsOf, type TestDatabases, testDatabases } from '../database.ts'
import { bridgeSchemas } from './bridge-schemas.ts'
import type { Order } from './fleet-process.ts'
import { ScratchModule } from './scratch-module.ts'

const tenants = 24
const killedAt = 16

let databases: TestDatabases
let opened: Databases
let scratch: ScratchModule
before(async () => {
  databases = await testDatabases()
  opened = new Databases(databases.settings)
  scratch = await ScratchModule.make()
})
after(async () => {
  await scratch.remove()
  await opened.end()
  await databases.drop()
})

const sql = (text: string, values: unknown[] = []) => rowsOf(databases.cellUrl, text, values)
const stateOf = async ({ name }: MigrationTarget) =>
  (await rowsOf(databases.controlUrl, 'select state from control.fleet_targets where name = $1', [name]))[0]?.['state']
const sleeping = "select pid from pg_stat_activity where query like '%pg_sleep(120)%' and pid <> pg_backend_pid()"

test('a run killed with -9 half-way is resumed: nothing is applied twice or by halves, and all others are served meanwhile', async () => {
  const cell = opened.sharedTargets().find(({ kind }) => kind === 'tenant') as MigrationTarget
  const bridges = await bridgeSchemas(databases.cellUrl, cell, tenants)
  const shipped = await releaseOf([...platformModules, ...product.modules])
  const run = async () => {
    const migrations = [...shipped.migrations, ...(await scratch.migrations())]
    return migrateFleet(bridges, { migrations }, { mirror: new ControlMirror(opened.control) })
  }
  await scratch.write('0001_notes', 'create table notes (id int, body text)', 'drop table notes')
  assert.equal((await run()).failed, 0)
  await scratch.write(
    '0002_text',
    `alter table notes add column length int;
     do $$ begin
       if exists (select from notes where body = 'slow') then perform pg_sleep(120); end if;
       if exists (select from notes where body = 'bad') then raise exception 'bad data'; end if;
     end $$`,
    'alter table notes drop column length',
  )
  const slow = bridges[killedAt] as MigrationTarget
  await sql(`insert into ${slow.schema}.notes values (1, 'slow')`)

  const order: Order = {
    settings: databases.settings,
    scratchFolder: scratch.folder,
    tenantIds: bridges.map(({ tenantId = '' }) => tenantId),
  }
  const program = join(import.meta.dirname, 'fleet-process.ts')
  const child = spawn(process.execPath, ['--conditions=source', program, JSON.stringify(order)], { stdio: 'inherit' })
  const ended = once(child, 'exit')
  while ((await sql(sleeping)).length === 0) {
    assert.equal(child.exitCode, null, 'the run ended before it could be killed')
    await wait(20)
  }
  while ((await stateOf(slow)) !== 'running') await wait(20)
  child.kill('SIGKILL')
  await ended

  for (const { schema } of bridges.filter((target) => target !== slow)) await sql(`select * from ${schema}.notes`)
  assert.equal(await stateOf(slow), 'running')
  for (let tries = 0; (await sql(sleeping)).length > 0; tries++) {
    assert.ok(tries < 100, 'the server still works for a client that is gone')
    await wait(100)
  }
  await sql(`update ${slow.schema}.notes set body = 'bad'`)
  const resumed = await run()
  assert.equal(resumed.stopped, undefined, 'who was interrupted is nobody’s canary')
  assert.deepEqual(
    resumed.failures.map(({ target }) => target),
    [slow.name],
  )
  assert.equal(resumed.migrated, resumed.behind - 1)
  assert.ok(resumed.behind <= tenants - killedAt + 8, `${resumed.behind} were left`)
  await sql(`update ${slow.schema}.notes set body = 'good'`)
  assert.equal((await run()).applied, 1)
  const ledger = await sql(
    "select schema_name, count(*)::int as times from migrations.ledger where module = 'scratch' and number = 2 group by 1",
  )
  assert.equal(ledger.length, tenants)
  assert.ok(ledger.every(({ times }) => times === 1))
  assert.equal((await run()).behind, 0)
})
