import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Breakable } from '../faults/breakable.ts'
import { until } from '../until.ts'

/** Every answer of PostgreSQL comes half a second late: what it can still do is done in time, the rest is refused at once. */

const delayMs = 500
/** More than fit into one tenant's cap by far, so that it is the process which is full. */
const tenantsCount = 8
const connectionsByDefault = 10

let atlas: Breakable
const keys: string[] = []
before(async () => {
  atlas = await Breakable.make()
  const { cookie } = await atlas.signIn('owner@acme.test')
  const post = async <Body>(path: string, headers: object, body: object) => {
    const response = await fetch(`${atlas.server.url}/api/v1${path}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    assert.equal(response.status, 201)
    return (await response.json()) as Body
  }
  for (let number = 1; number <= tenantsCount; number++) {
    const { slug } = await post<{ slug: string }>('/tenants', { cookie }, { name: `Tenant ${number}` })
    const asked = { name: 'Load', scopes: ['project:read', 'project:create'] }
    keys.push((await post<{ key: string }>('/keys', { cookie, tenant: slug }, asked)).key)
  }
})
after(() => atlas.stop())

interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly ms: number
}

let nextKey = 0
async function read(): Promise<Answer> {
  const beganAtMs = performance.now()
  const headers = { authorization: `Bearer ${keys[nextKey++ % keys.length]}` }
  const response = await fetch(`${atlas.server.url}/api/v1/projects`, { headers })
  const { code } = (await response.json()) as { code?: string }
  return { status: response.status, code, ms: performance.now() - beganAtMs }
}

async function openLoad(perSecond: number, seconds: number): Promise<Answer[]> {
  const asked: Promise<Answer>[] = []
  const beganAtMs = performance.now()
  for (let elapsedMs = 0; elapsedMs < seconds * 1_000; elapsedMs = performance.now() - beganAtMs) {
    while (asked.length < (elapsedMs / 1_000) * perSecond) asked.push(read())
    await wait(5)
  }
  return Promise.all(asked)
}

const succeeded = (answers: readonly Answer[]) => answers.filter(({ status }) => status === 200)
const isWell = async () => (await openLoad(100, 0.5)).every(({ status }) => status === 200)
const shed = (answers: readonly Answer[]) => answers.filter(({ code }) => code === 'platform.overloaded')

function percentileMs(answers: readonly Answer[], part: number): number {
  const sorted = answers.map(({ ms }) => ms).toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length * part)] ?? Number.NaN
}

test('most is refused at once, what is admitted is done in time, people sign in, and it recovers by itself', async () => {
  await until('all is well', isWell)

  atlas.proxy.delay(delayMs)
  await openLoad(200, 3)
  const loaded = openLoad(200, 4)
  const signIn = atlas.signIn('admin@acme.test')
  assert.equal((await fetch(`${atlas.server.url}/livez`)).status, 200)
  assert.match((await signIn).cookie, /session/)
  const answers = await loaded
  const [done, refused] = [succeeded(answers), shed(answers)]
  assert.equal(done.length + refused.length, answers.length, 'nothing fails in any other way')
  assert.ok(done.length > 0)
  // Three questions to the database, one after the other, and as many of others before each.
  assert.ok(percentileMs(done, 0.99) < 12 * delayMs, `p99 ${percentileMs(done, 0.99)} ms`)
  assert.ok(percentileMs(refused, 0.5) < delayMs / 10, `refused in ${percentileMs(refused, 0.5)} ms`)

  atlas.proxy.heal()
  await until('all is well again', isWell)
})

test('somebody who looks at the log sees how much is shed, and is not alerted for a few seconds of it', async () => {
  const logged = await atlas.logged()
  const reports = logged.filter(({ message }) => message === 'requests were shed')
  assert.ok(reports.length >= 3)
  const limits = reports.map(({ limit }) => Number(limit))
  assert.ok(Math.min(...limits) <= 3 * connectionsByDefault, `limits: ${limits.join(', ')}`)
  assert.deepEqual(
    logged.filter(({ alert }) => alert === true),
    [],
  )
})
