import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { isServerError, sqlState } from '../../platform/src/kernel/database/server-error.ts'
import { ReadSession, Transaction } from '../../platform/src/kernel/database/session.ts'
import { systemActor } from '../../platform/src/kernel/database/signed-context.ts'
import { sql } from '../../platform/src/kernel/database/statement.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { rowsOf, type TestDatabases, testDatabases } from '../database.ts'

/** Few connections, many tenants: what one of them leaves on a connection the next must not find. */

const connectionsMax = 3
const tenants = Array.from({ length: 50 }, () => newId())

let databases: TestDatabases
let ours: Databases
before(async () => {
  databases = await testDatabases()
  ours = new Databases({ ...databases.settings, connectionsMax })
  await Promise.all(tenants.map((tenantId) => write(tenantId, canaryOf(tenantId))))
})
after(async () => {
  await ours.end()
  await databases.drop()
})

const canaryOf = (tenantId: string) => `The canary of ${tenantId}`
const sessionOf = (tenantId: string) => ({
  target: ours.of('tenant', {
    id: tenantId,
    slug: '',
    name: '',
    state: 'active',
    placement: { cell: ours.cell.name, model: 'pool', version: 1 },
  }),
  identity: { tenantId, actorId: systemActor },
  deadlineMs: performance.now() + 20_000,
})
const insert = (tenantId: string, name: string) => sql`
  insert into projects (tenant_id, id, name, description, state, created_at, updated_at)
  values (${tenantId}, ${newId()}, ${name}, '', 'onTrack', now(), now())`

async function write(tenantId: string, name: string): Promise<void> {
  const transaction = new Transaction(sessionOf(tenantId))
  try {
    await transaction.change(insert(tenantId, name))
    await transaction.commit([])
  } catch (error) {
    await transaction.rollback()
    throw error
  }
}

/** Every name of a project that a tenant can see, with no `where` that would help the policies. */
async function seenBy(tenantId: string): Promise<string[]> {
  const rows = await new ReadSession(sessionOf(tenantId)).all<{ name: string }>(
    sql`select name from projects order by created_at, id`,
  )
  return rows.map(({ name }) => name)
}

const failing = (work: Promise<unknown>, state: string) =>
  work.then(
    () => assert.fail('it should have failed'),
    (error: unknown) => assert.equal(sqlState(error), state, String(error)),
  )

/** Each leaves its connection in a state of its own. */
const operations: readonly ((tenantId: string) => Promise<void>)[] = [
  async (tenantId) => assert.ok((await seenBy(tenantId)).every((name) => name === canaryOf(tenantId))),
  async (tenantId) => write(tenantId, canaryOf(tenantId)),
  async (tenantId) => {
    const transaction = new Transaction(sessionOf(tenantId))
    await transaction.change(insert(tenantId, 'Never committed'))
    const rows = await transaction.all<{ name: string }>(sql`select name from projects where name like 'Never%'`)
    assert.deepEqual(rows, [{ name: 'Never committed' }])
    await transaction.rollback()
  },
  async (tenantId) => {
    const transaction = new Transaction(sessionOf(tenantId))
    await transaction.change(insert(tenantId, 'Never committed'))
    await failing(transaction.all(sql`select 1 / 0`), '22012')
    await transaction.rollback()
  },
  async (tenantId) => failing(new ReadSession(sessionOf(tenantId)).all(sql`select 1 / 0`), '22012'),
  async (tenantId) => {
    const session = { ...sessionOf(tenantId), deadlineMs: performance.now() + 5 }
    await new ReadSession(session).all(sql`select pg_sleep(0.03)`).then(
      () => assert.fail('it should have been stopped'),
      (error: unknown) => assert.ok(!isServerError(error) || sqlState(error) === '57014', String(error)),
    )
  },
  async (tenantId) => {
    await new ReadSession(sessionOf(tenantId)).all(
      sql`select set_config('statement_timeout', '1ms', false), set_config('search_path', 'nowhere', false)`,
    )
  },
]

test('1,000 random interleaved operations of 50 tenants over 3 connections: each sees its own canary and no other', async () => {
  const done = await Promise.all(
    Array.from({ length: 25 }, async () => {
      for (let count = 0; count < 40; count++) {
        const tenantId = tenants[Math.floor(Math.random() * tenants.length)] as string
        const operation = operations[Math.floor(Math.random() * operations.length)]
        await operation?.(tenantId)
      }
      return 40
    }),
  )
  assert.equal(done.length * 40, 1_000)
  for (const tenantId of tenants) {
    const seen = await seenBy(tenantId)
    assert.ok(seen.length >= 1)
    assert.deepEqual(new Set(seen), new Set([canaryOf(tenantId)]))
  }
  const { open, idle, waiting } = ours.serving.connections
  assert.ok(open <= connectionsMax, `${open} connections are open`)
  assert.deepEqual([idle, waiting], [open, 0], 'every connection was given back')
})

test('a connection that the server ended is given back, too, and replaced', async () => {
  const tenantId = tenants[0] as string
  for (let round = 0; round < 2 * connectionsMax; round++) {
    const transaction = new Transaction(sessionOf(tenantId))
    const row = await transaction.first<{ pid: number }>(sql`select pg_backend_pid() as pid`)
    await rowsOf(databases.superuserUrl, 'select pg_terminate_backend($1)', [row?.pid])
    await assert.rejects(transaction.change(insert(tenantId, 'Never committed')))
    await transaction.rollback()
  }
  assert.ok((await seenBy(tenantId)).every((name) => name === canaryOf(tenantId)))
})

test('late rows after a time-out of ours reach nobody: that connection is closed', async () => {
  const connection = await ours.serving.connect()
  const [reply] = await connection.send([{ name: undefined, text: 'select pg_backend_pid() as pid', values: [] }])
  const late = { name: undefined, text: "select 'late' as name from pg_sleep(0.2)", values: [] }
  await assert.rejects(connection.send([late], 50), /Query read timeout/)
  connection.release(true)
  for (const tenantId of tenants.slice(0, 2 * connectionsMax)) {
    assert.deepEqual(new Set(await seenBy(tenantId)), new Set([canaryOf(tenantId)]))
    await wait(50)
  }
  const text = 'select from pg_stat_activity where pid = $1'
  assert.deepEqual(await rowsOf(databases.superuserUrl, text, [reply?.rows[0]?.['pid']]), [])
})

test('releasing a connection twice is an error, and does not free a place that another one has', async () => {
  const first = await ours.serving.connect()
  first.release(false)
  assert.throws(() => first.release(false), /already been released/)
})

test('each session has its time limit and one core: the deadline sets statement_timeout, parallel workers are off', async () => {
  const tenantId = tenants[0] as string
  const session = { ...sessionOf(tenantId), deadlineMs: performance.now() + 3_000 }
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
