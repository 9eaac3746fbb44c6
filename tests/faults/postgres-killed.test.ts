import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { rowsOf } from '../database.ts'
import { until } from '../until.ts'
import { Breakable, traceOf, tracesOf } from './breakable.ts'

/** PostgreSQL goes away under a server that goes on. */

let atlas: Breakable
let headers: Record<string, string>
before(async () => {
  atlas = await Breakable.make()
  headers = { authorization: `Bearer ${await atlas.makeKey()}`, 'content-type': 'application/json' }
})
after(() => atlas.stop())

/** An operation has 10 s, its look-ups before it 5 s; nobody waits longer than that. */
const replyWithinMs = 16_000
const recoversWithinMs = 10_000

interface Answer {
  readonly status: number
  readonly ms: number
  readonly id: string | undefined
}

/** One request. A reply that is no success must be the problem that an outage deserves. */
async function ask(method: 'GET' | 'POST', body?: object): Promise<Answer> {
  const beganAtMs = performance.now()
  const response = await fetch(`${atlas.server.url}/api/v1/projects`, {
    method,
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const answer = (await response.json()) as { id?: string; code?: string; detail?: string }
  const { status } = response
  if (status >= 400) {
    assert.deepEqual([status, answer.code], [503, 'platform.unavailable'], JSON.stringify(answer))
    assert.equal(response.headers.get('content-type'), 'application/problem+json; charset=utf-8')
    assert.match(response.headers.get('retry-after') ?? '', /^\d+$/)
  }
  return { status, ms: performance.now() - beganAtMs, id: answer.id }
}

const works = async () => (await ask('POST', { name: 'A sign of life' })).status === 201

/** Lines reach the log within 100 ms. That rate limits go by each process meanwhile somebody is told, once. */
async function assertNoAlarm(): Promise<void> {
  await wait(200)
  const logged = await atlas.logged()
  assert.ok(logged.length > 0)
  assert.deepEqual(
    logged.filter(({ alert, message }) => alert === true && message !== 'the store of rate limits is lost'),
    [],
  )
}

test('killed under load: 503 until it is back, then service within 10 s, and no write that was acknowledged is lost', async () => {
  const { pid, url } = atlas.server
  const answers: Answer[] = []
  const load = new AbortController()
  const client = async (number: number) => {
    for (let count = 0; !load.signal.aborted; count++) {
      answers.push(await (number % 2 === 0 ? ask('POST', { name: `Loaded ${number}.${count}` }) : ask('GET')))
    }
  }
  const clients = Array.from({ length: 12 }, (_, number) => client(number))
  await until('the load runs', async () => answers.length > 100)
  atlas.killPostgres()
  await until('somebody is told', async () => answers.some(({ status }) => status === 503))
  assert.equal((await fetch(`${url}/livez`)).status, 200)
  await until('PostgreSQL is back', () =>
    rowsOf(atlas.cellUrl, 'select 1').then(
      () => true,
      () => false,
    ),
  )
  await until('a write succeeds again', works, recoversWithinMs)
  assert.equal((await fetch(`${url}/readyz`)).status, 200)
  await wait(300)
  load.abort()
  await Promise.all(clients)
  assert.equal(atlas.server.pid, pid)
  assert.ok(answers.every(({ ms }) => ms < replyWithinMs))

  const acknowledged = answers.flatMap(({ status, id }) => (status === 201 && id ? [id] : []))
  const traces = await tracesOf(atlas.cellUrl, 'Loaded ')
  assert.deepEqual(
    acknowledged.filter((id) => !traces.has(id)),
    [],
  )
  assert.deepEqual([...new Set(traces.values())], ['1 record, 1 message'])
  await assertNoAlarm()
})

test('a session that an administrator ends in the middle of a transaction is answered with 503, and leaves nothing', async () => {
  await withClient(atlas.cellUrl, async (client) => {
    await client.query('begin; lock table pool.projects in exclusive mode')
    const asked = ask('POST', { name: 'Ended by hand' })
    const waiting = "from pg_locks where not granted and relation = 'pool.projects'::regclass"
    await until('the insert waits', async () => (await rowsOf(atlas.cellUrl, `select ${waiting}`)).length > 0)
    await rowsOf(atlas.cellUrl, `select pg_terminate_backend(pid) ${waiting}`)
    assert.equal((await asked).status, 503)
    await client.query('rollback')
  })
  assert.deepEqual(await traceOf(atlas.cellUrl, 'Ended by hand'), { projects: 0, records: 0, messages: 0, done: 0 })
  assert.ok(await works())
  await assertNoAlarm()
})

test('a PostgreSQL that takes everything and answers nothing is given up in time, and used again once it speaks', async () => {
  const inTheMiddle = ask('POST', { name: 'In the middle' })
  atlas.proxy.silenceAfter('')
  const asked = [ask('GET'), ask('POST', { name: 'Into the silence' })]
  assert.equal((await fetch(`${atlas.server.url}/livez`)).status, 200)
  assert.equal((await fetch(`${atlas.server.url}/readyz`)).status, 503)
  for (const { status, ms } of await Promise.all(asked)) {
    assert.equal(status, 503)
    assert.ok(ms < replyWithinMs, `${ms} ms`)
  }
  await inTheMiddle
  atlas.proxy.heal()
  await until('a write succeeds again', works, recoversWithinMs)
  await assertNoAlarm()
})
