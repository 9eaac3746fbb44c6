import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Tenant } from '../../platform/src/kernel/context.ts'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { ReadSession, Transaction } from '../../platform/src/kernel/database/session.ts'
import { sql } from '../../platform/src/kernel/database/statement.ts'
import { rowsOf, type TestDatabases, testDatabases } from '../database.ts'
import { Crowd, insertion } from './crowd.ts'
import { dropSilos, models, tenantsIn } from './own-places.ts'

/** Few connections, many tenants: what one of them leaves on a connection the next must not find. */

const connectionsMax = 3
/** How many tenants there are of each model. A silo has connections of its own, so that few of them show all. */
const counts = { pool: 50, bridge: 15, silo: 3 } as const

let databases: TestDatabases
let ours: Databases
const crowds = new Map<string, Crowd>()
let crowd: Crowd
before(async () => {
  databases = await testDatabases({ silos: true })
  ours = new Databases({ ...databases.settings, connectionsMax })
  const all: Tenant[] = []
  for (const model of models) {
    const tenants = await tenantsIn(ours, model, counts[model])
    crowds.set(model, crowdOf(tenants))
    all.push(...tenants)
  }
  for (const each of crowds.values()) await each.writeAll()
  crowds.set('mixed', crowdOf(all))
  crowd = crowds.get('pool') as Crowd
})
after(async () => {
  await ours.end()
  await dropSilos(ours, crowds.get('mixed')?.tenants ?? [])
  await databases.drop()
})

const crowdOf = (tenants: readonly Tenant[]) => new Crowd(tenants, (tenant) => ours.of('tenant', tenant))

for (const [where, count] of [
  ['pool', 1_000],
  ['bridge', 500],
  ['silo', 200],
  ['mixed', 500],
] as const) {
  test(`${count} random interleaved operations of tenants (${where}) over 3 connections: each sees its own canary and no other`, async () => {
    await crowds.get(where)?.interleave(count, 25)
    const { open, idle, waiting } = ours.cells[0].serving.connections
    assert.ok(open <= connectionsMax, `${open} connections are open`)
    assert.deepEqual([idle, waiting], [open, 0], 'every connection was given back')
  })
}

test('a connection that the server ended is given back, too, and replaced', async () => {
  const tenant = crowd.tenants[0] as Tenant
  for (let round = 0; round < 2 * connectionsMax; round++) {
    const transaction = new Transaction(crowd.sessionOf(tenant))
    const row = await transaction.first<{ pid: number }>(sql`select pg_backend_pid() as pid`)
    await rowsOf(databases.superuserUrl, 'select pg_terminate_backend($1)', [row?.pid])
    await assert.rejects(transaction.change(insertion(tenant, 'Never committed')))
    await transaction.rollback()
  }
  await crowd.assertAlone(tenant)
})

test('late rows after a time-out of ours reach nobody: that connection is closed', async () => {
  const connection = await ours.cells[0].serving.connect()
  const [reply] = await connection.send([{ name: undefined, text: 'select pg_backend_pid() as pid', values: [] }])
  const late = { name: undefined, text: "select 'late' as name from pg_sleep(0.2)", values: [] }
  await assert.rejects(connection.send([late], 50), /Query read timeout/)
  connection.release(true)
  for (const tenant of crowd.tenants.slice(0, 2 * connectionsMax)) {
    await crowd.assertAlone(tenant)
    await wait(50)
  }
  const text = 'select from pg_stat_activity where pid = $1'
  assert.deepEqual(await rowsOf(databases.superuserUrl, text, [reply?.rows[0]?.['pid']]), [])
})

const backend = { name: undefined, text: 'select pg_backend_pid() as pid', values: [] }

/** Takes what a tenant may hold, lets one more wait, and says of which process of the server the first one is. */
async function heldAndAwaited() {
  const { serving } = ours.cells[0]
  const borrower = { tenantId: crowd.tenants[0]?.id ?? '', deadlineMs: performance.now() + 5_000 }
  const [first, second] = [await serving.connect(borrower), await serving.connect(borrower)]
  const awaited = serving.connect(borrower)
  const [reply] = await first.send([backend])
  assert.equal(serving.connections.waiting, 1)
  return { first, second, awaited, pid: reply?.rows[0]?.['pid'] }
}

test('a connection that is given back goes to whoever waits, without a way through the pool', async () => {
  const { first, second, awaited, pid } = await heldAndAwaited()
  const { idle } = ours.cells[0].serving.connections
  first.release(false)
  assert.equal(ours.cells[0].serving.connections.idle, idle)
  const next = await awaited
  const [reply] = await next.send([backend])
  assert.equal(reply?.rows[0]?.['pid'], pid)
  assert.throws(() => first.release(false), /already been released/)
  for (const connection of [next, second]) connection.release(false)
  await crowd.assertAlone(crowd.tenants[0] as Tenant)
})

test('a connection that the server ended since its last reply goes to nobody who waits', async () => {
  const { first, second, awaited, pid } = await heldAndAwaited()
  await rowsOf(databases.superuserUrl, 'select pg_terminate_backend($1)', [pid])
  await wait(200)
  first.release(false)
  const next = await awaited
  const [reply] = await next.send([backend])
  assert.notEqual(reply?.rows[0]?.['pid'], pid)
  for (const connection of [next, second]) connection.release(false)
})

test('releasing a connection twice is an error, and does not free a place that another one has', async () => {
  const first = await ours.cells[0].serving.connect()
  first.release(false)
  assert.throws(() => first.release(false), /already been released/)
})

test('each session has its time limit and one core: the deadline sets statement_timeout, parallel workers are off', async () => {
  const session = { ...crowd.sessionOf(crowd.tenants[0] as Tenant), deadlineMs: performance.now() + 3_000 }
  const [row] = await new ReadSession(session).all<{
    timeoutMs: number
    workers: string
    lock: string
    idle: string
  }>(sql`
    select (select setting::int from pg_settings where name = 'statement_timeout') as timeout_ms,
      current_setting('max_parallel_workers_per_gather') as workers, current_setting('lock_timeout') as lock,
      current_setting('idle_in_transaction_session_timeout') as idle`)
  assert.ok(row && row.timeoutMs > 2_000 && row.timeoutMs <= 3_000, `${row?.timeoutMs} ms`)
  assert.deepEqual([row.workers, row.lock, row.idle], ['0', '5s', '15s'])
})
