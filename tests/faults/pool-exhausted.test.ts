import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Connection } from '../../platform/src/kernel/database/database.ts'
import { noTenant } from '../../platform/src/kernel/database/signed-context.ts'
import { Failure } from '../../platform/src/kernel/errors/failure.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { type Reply, TestInstallation } from '../installation.ts'

/** Transactions that do not end hold connections of the pool: six in all, two for a tenant, one for the platform alone. */

const connectionsMax = 6
/** Nobody waits longer than 3 s for a connection; a person's request may have to for its look-up or for its own statement. */
const refusedWithinMs = 4_000

let atlas: TestInstallation
let acme: string
const taken: Connection[] = []
before(async () => {
  atlas = await TestInstallation.start()
  acme = (await atlas.ask<{ id: string }>('GET', '/api/v1/tenant', { as: 'owner@acme.test', tenant: 'acme' })).id
})
afterEach(() => giveAllBack())
after(() => atlas.stop())

/** Takes connections in a tenant's name, each in a transaction that stays open. */
async function hold(tenantId: string, count: number, deadlineMs = performance.now() + 500): Promise<void> {
  const { serving } = atlas.installation.databases.cells[0]
  for (let each = 0; each < count; each++) {
    const connection = await serving.connect({ tenantId, deadlineMs })
    taken.push(connection)
    await connection.send([{ name: undefined, text: 'begin', values: [] }])
  }
}

function giveAllBack(): void {
  for (const connection of taken.splice(0)) connection.release(true)
}

interface Timed extends Reply {
  readonly tookMs: number
}

async function projectsOf(tenant: 'acme' | 'globex'): Promise<Timed> {
  const beganAtMs = performance.now()
  const reply = await atlas.request('GET', '/api/v1/projects', { as: `owner@${tenant}.test`, tenant })
  return { ...reply, tookMs: performance.now() - beganAtMs }
}

function assertRefusedSoon({ status, body, headers, tookMs }: Timed, detail: RegExp): void {
  const { code, detail: said } = body as { code: string; detail: string }
  assert.deepEqual([status, code], [503, 'platform.unavailable'])
  assert.match(said, detail)
  assert.match(headers.get('retry-after') ?? '', /^[1-9]$/)
  assert.ok(tookMs < refusedWithinMs, `${tookMs} ms`)
}

async function health(path: '/livez' | '/readyz'): Promise<{ status: number; tookMs: number }> {
  const beganAtMs = performance.now()
  const { status } = await atlas.request('GET', path)
  return { status, tookMs: performance.now() - beganAtMs }
}

test('long transactions of a tenant hold its share and no more: another tenant is served at once, itself with a 503', async () => {
  await hold(acme, 2)
  await assert.rejects(hold(acme, 1), /too busy to begin in time/)
  const refused = projectsOf('acme')
  for (let count = 0; count < 20; count++) {
    const { status, tookMs } = await projectsOf('globex')
    assert.equal(status, 200)
    assert.ok(tookMs < 1_000, `${tookMs} ms`)
  }
  assertRefusedSoon(await refused, /too busy to begin in time/)
  giveAllBack()
  assert.equal((await projectsOf('acme')).status, 200)
})

test('when tenants hold all that they may, others are refused soon, health answers, and it recovers by itself', async () => {
  await hold(acme, 2)
  await hold(newId(), 2)
  await hold(newId(), 1)
  const refused = projectsOf('globex')
  for (const path of ['/livez', '/readyz'] as const) {
    const { status, tookMs } = await health(path)
    assert.equal(status, 200, path)
    assert.ok(tookMs < 1_000, `${path} took ${tookMs} ms`)
  }
  assertRefusedSoon(await refused, /too busy to begin in time/)
  giveAllBack()
  assert.equal((await projectsOf('globex')).status, 200)
  assert.equal((await projectsOf('acme')).status, 200)
})

test('when every connection is held, also the one of the platform, the process lives and says that it is not ready', async () => {
  await hold(noTenant, connectionsMax)
  const refused = projectsOf('globex')
  assert.equal((await health('/livez')).status, 200)
  const ready = await health('/readyz')
  assert.equal(ready.status, 503)
  assert.ok(ready.tookMs < refusedWithinMs)
  assertRefusedSoon(await refused, /too busy to begin in time/)
  giveAllBack()
  assert.equal((await health('/readyz')).status, 200)
  assert.equal((await projectsOf('globex')).status, 200)
})

test('a connection that comes back in time serves whoever waits for it', async () => {
  await hold(acme, 2)
  const waiting = projectsOf('acme')
  await wait(300)
  giveAllBack()
  const { status, tookMs } = await waiting
  assert.equal(status, 200)
  assert.ok(tookMs >= 250 && tookMs < 2_000, `${tookMs} ms`)
})

test('of a flood that nobody can serve, what is more than may wait is refused at once, and the next tenant is served', async () => {
  await hold(acme, 2)
  const { serving } = atlas.installation.databases.cells[0]
  const beganAtMs = performance.now()
  const flood = Array.from({ length: 300 }, async () => {
    const error = await hold(acme, 1, beganAtMs + 10_000).catch((failure: unknown) => failure)
    assert.ok(error instanceof Failure && error.kind.status === 503 && error.retryAfterSeconds !== undefined)
    return { detail: error.message, tookMs: performance.now() - beganAtMs }
  })
  const { status, tookMs } = await projectsOf('globex')
  assert.equal(status, 200)
  assert.ok(tookMs < 1_000, `${tookMs} ms`)
  const refused = await Promise.all(flood)
  const atOnce = refused.filter(({ detail }) => detail.includes('waiting already'))
  assert.equal(atOnce.length, 50)
  for (const each of atOnce) assert.ok(each.tookMs < 1_000, `${each.tookMs} ms`)
  assert.equal(serving.connections.waiting, 0)
  giveAllBack()
  assert.equal((await projectsOf('acme')).status, 200)
})
