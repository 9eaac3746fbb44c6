import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { sql } from '../../platform/src/kernel/database/statement.ts'
import { module } from '../../platform/src/kernel/module.ts'
import { event, operation } from '../../platform/src/kernel/operation.ts'
import { z } from '../../platform/src/kernel/schema.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'

/** Nothing waits for ever: statements, locks and transactions that do nothing each have an end, and give back what they hold. */

const patientRenamed = event('patient.renamed', { version: 1 })

const slow = module({
  name: 'slow',
  permissions: { 'slow:read': ['owner'], 'slow:write': ['owner'] },
  operations: [
    operation({
      name: 'slow.read',
      summary: 'Asks a question that takes a minute',
      http: 'GET /slow',
      output: z.object({}),
      permission: 'slow:read',
      run: async (ctx) => {
        await ctx.db.all(sql`select pg_sleep(60)`)
        return {}
      },
    }),
    operation({
      name: 'slow.idle',
      summary: 'Locks a row, then does nothing for longer than a transaction may',
      http: 'POST /slow',
      output: z.object({}),
      permission: 'slow:write',
      run: async (ctx) => {
        await ctx.db.all(sql`select from projects where tenant_id = ${ctx.tenant.id} for update`)
        await wait(20_000)
        return {}
      },
    }),
    operation({
      name: 'patient.read',
      summary: 'Waits until it is told to stop',
      http: 'GET /patient',
      output: z.object({ because: z.string() }),
      permission: 'slow:read',
      run: async ({ signal }) => {
        if (!signal.aborted) await once(signal, 'abort')
        return { because: (signal.reason as Error).name }
      },
    }),
    operation({
      name: 'patient.rename',
      summary: 'Writes once it is told to stop, of which it should hear in time',
      http: 'POST /patient',
      input: { name: z.string() },
      output: z.object({}),
      permission: 'slow:write',
      emits: [patientRenamed],
      run: async (ctx, { name }) => {
        waiting = true
        await once(ctx.signal, 'abort')
        await ctx.db.change(sql`update projects set name = ${name} where tenant_id = ${ctx.tenant.id}`)
        ctx.record(patientRenamed, { after: { id: ctx.newId(), name } })
        return {}
      },
    }),
  ],
})

/** Whether `patient.rename` has begun. */
let waiting = false

const owner = { as: 'owner@acme.test', tenant: 'acme' }

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start({ modules: [slow] })
  await atlas.ask('POST', '/api/v1/projects', { ...owner, body: { name: 'Locked' } })
})
after(() => atlas.stop())

/** A request, and how many milliseconds it took. */
async function timed(method: string, path: string, body?: object) {
  const beganAtMs = performance.now()
  const reply = await atlas.request(method, `/api/v1${path}`, { ...owner, ...(body ? { body } : {}) })
  const { code } = reply.body as { code?: string }
  return { status: reply.status, code, ms: performance.now() - beganAtMs, retryAfter: reply.headers.get('retry-after') }
}

const sessionsDoing = (what: string) =>
  rowsOf(atlas.databases.cellUrl, `select state from pg_stat_activity where datname = current_database() and ${what}`)

test('who waits for a lock gives up after seconds, and who needs it not is served meanwhile', async () => {
  await withClient(atlas.databases.cellUrl, async (client) => {
    await client.query('begin; lock table pool.projects in access exclusive mode')
    const waiting = timed('POST', '/projects', { name: 'Waits' })
    await until('it waits', async () => (await sessionsDoing("wait_event_type = 'Lock'")).length > 0)
    assert.equal((await timed('GET', '/members')).status, 200)
    const { status, code, ms } = await waiting
    assert.deepEqual([status, code], [409, 'request.conflict'])
    assert.ok(ms < 8_000, `${ms} ms`)
    await client.query('rollback')
  })
  assert.equal((await timed('POST', '/projects', { name: 'Waits no longer' })).status, 201)
})

test('a caller who goes before the commit leaves nothing behind, and alarms nobody', async () => {
  const leaving = new AbortController()
  const asked = assert.rejects(
    atlas.request('POST', '/api/v1/patient', { ...owner, body: { name: 'Left' }, signal: leaving.signal }),
  )
  await until('it is in work', async () => waiting)
  leaving.abort()
  await asked
  const lines = () => atlas.log.lines.filter(({ fields }) => fields['operation'] === 'patient.rename')
  await until('it is over', async () => lines().length > 0)
  assert.deepEqual(await rowsOf(atlas.databases.cellUrl, "select from pool.projects where name = 'Left'"), [])
  assert.deepEqual(
    lines().map(({ level }) => level),
    ['info'],
  )
})

// Each waits for seconds.
describe('what never ends by itself', { concurrency: true }, () => {
  test('a statement ends at the deadline of its operation, and the server works on it no longer', async () => {
    const { status, code, ms, retryAfter } = await timed('GET', '/slow')
    assert.deepEqual([status, code], [503, 'platform.too_slow'])
    assert.match(retryAfter ?? '', /^\d+$/)
    assert.ok(ms < 12_000, `${ms} ms`)
    assert.deepEqual(
      await sessionsDoing("query like '%pg_sleep(60)%' and state = 'active' and pid <> pg_backend_pid()"),
      [],
    )
  })

  test('an operation that waits for something else hears of its deadline', async () => {
    const reply = await atlas.request('GET', '/api/v1/patient', owner)
    assert.deepEqual([reply.status, reply.body], [200, { because: 'TimeoutError' }])
  })

  test('a transaction that holds a lock and does nothing is ended by the server, and its lock is free', async () => {
    const idle = timed('POST', '/slow')
    await until('it is idle', async () => (await sessionsDoing("state = 'idle in transaction'")).length > 0)
    await until('it is ended', async () => (await sessionsDoing("state = 'idle in transaction'")).length === 0, 30_000)
    const [{ id }] = (await atlas.ask<{ items: { id: string }[] }>('GET', '/api/v1/projects', owner)).items as [
      { id: string },
    ]
    assert.equal((await timed('PATCH', `/projects/${id}`, { name: 'Free' })).status, 200)
    const { status, code } = await idle
    assert.deepEqual([status, code], [503, 'platform.unavailable'])
  })
})
