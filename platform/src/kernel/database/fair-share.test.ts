import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Failure } from '../errors/failure.ts'
import { FairShare } from './fair-share.ts'
import { noTenant } from './signed-context.ts'

const soon = () => performance.now() + 2_000

/** Takes connections in the name of tenants, and knows who got one in which order. */
class Borrowers {
  readonly share: FairShare
  readonly admitted: string[] = []

  constructor(share: FairShare) {
    this.share = share
  }

  /** Whether it was admitted at once; a refusal of one that waits is the test's own affair. */
  take(tenantId: string, deadlineMs = soon(), weight?: number): boolean {
    const turn = this.share.take(tenantId, deadlineMs, weight)
    if (!turn) this.admitted.push(tenantId)
    else
      turn.then(
        () => this.admitted.push(tenantId),
        () => {},
      )
    return turn === undefined
  }

  /** Gives one back, and says who got it. */
  async giveBack(tenantId: string): Promise<string[]> {
    const before = this.admitted.length
    this.share.giveBack(tenantId)
    await wait(0)
    return this.admitted.slice(before)
  }
}

function refusedWith(code: string, detail?: RegExp) {
  return (error: unknown) =>
    error instanceof Failure &&
    error.kind.code === code &&
    error.kind.status === 503 &&
    (error.retryAfterSeconds ?? 0) > 0 &&
    (detail ?? /./).test(error.message)
}

test('a tenant holds a fifth of the connections and no more, also while others are free', () => {
  const ten = new Borrowers(new FairShare(10))
  assert.deepEqual([ten.take('heavy'), ten.take('heavy'), ten.take('heavy')], [true, true, false])
  assert.equal(ten.take('quiet'), true)
  const forty = new Borrowers(new FairShare(40))
  assert.deepEqual(Array.from({ length: 9 }, () => forty.take('heavy')).indexOf(false), 8)
})

test('a tenant with more weight may hold as many times more, but never what is kept for the next one', () => {
  const twenty = new Borrowers(new FairShare(20))
  const held = (tenantId: string, weight: number) =>
    Array.from({ length: 20 }, () => twenty.take(tenantId, soon(), weight)).indexOf(false)
  assert.deepEqual([held('light', 1), held('heavy', 2)], [4, 8])
  const ten = new Borrowers(new FairShare(10))
  assert.equal(Array.from({ length: 10 }, () => ten.take('heaviest', soon(), 10)).indexOf(false), 7)
})

test('a look-up that does not know the plan of a tenant leaves it the weight that it has', () => {
  const borrowers = new Borrowers(new FairShare(20))
  assert.ok(borrowers.take('large', soon(), 3))
  for (let held = 1; held < 12; held++) assert.ok(borrowers.take('large'), `of twelve, it holds ${held}`)
  assert.ok(!borrowers.take('large'))
})

test('of two that wait, the one with three times the weight gets three connections for each of the other', async () => {
  const borrowers = new Borrowers(new FairShare(30))
  for (let call = 0; call < 20; call++) {
    borrowers.take('light', soon(), 1)
    borrowers.take('heavy', soon(), 3)
  }
  const holds = (tenantId: string) => borrowers.admitted.filter((each) => each === tenantId).length
  assert.deepEqual([holds('light'), holds('heavy')], [6, 18])
  // Both wait: whoever holds less for their weight is next, so that the ratio stays.
  for (let round = 0; round < 2; round++) {
    assert.deepEqual(await borrowers.giveBack('light'), ['light'])
    assert.deepEqual(await borrowers.giveBack('heavy'), ['heavy'])
  }
})

test('a tenant that has been alone for a while may hold more, but leaves some to the next, who ends that', async () => {
  const borrowers = new Borrowers(new FairShare(10))
  for (const expected of [true, true, false]) assert.equal(borrowers.take('lone'), expected)
  await wait(2_100)
  const more = Array.from({ length: 10 }, () => borrowers.take('lone'))
  assert.equal(more.filter(Boolean).length, 5, 'seven in all')
  assert.deepEqual(await borrowers.giveBack('lone'), ['lone'])
  assert.deepEqual([borrowers.take('next'), borrowers.take('next')], [true, true])
  assert.deepEqual(await borrowers.giveBack('lone'), [], 'not alone any more')
})

test('tenants together leave one connection to the platform, which may take all', () => {
  const borrowers = new Borrowers(new FairShare(4))
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((tenant) => borrowers.take(tenant)),
    [true, true, true, false],
  )
  assert.deepEqual([borrowers.take(noTenant), borrowers.take(noTenant)], [true, false])
  const alone = new Borrowers(new FairShare(4))
  assert.equal(Array.from({ length: 5 }, () => alone.take(noTenant)).indexOf(false), 4)
})

test('in a pool of one, tenant and platform take turns', async () => {
  const borrowers = new Borrowers(new FairShare(1))
  assert.equal(borrowers.take('a'), true)
  borrowers.take('b')
  borrowers.take(noTenant)
  assert.deepEqual(await borrowers.giveBack('a'), [noTenant])
  assert.deepEqual(await borrowers.giveBack(noTenant), ['b'])
})

test('what comes back goes to the platform first, then to whoever holds the least', async () => {
  const borrowers = new Borrowers(new FairShare(5))
  for (const tenant of ['a', 'a', 'b', 'c']) borrowers.take(tenant)
  borrowers.take(noTenant)
  for (const tenant of ['a', 'a', 'b', 'b', 'd', noTenant]) borrowers.take(tenant)
  assert.deepEqual(await borrowers.giveBack('c'), [noTenant])
  assert.deepEqual(await borrowers.giveBack(noTenant), ['d'])
  assert.deepEqual(await borrowers.giveBack('a'), ['a'])
  assert.deepEqual(await borrowers.giveBack('d'), ['b'])
})

test('among tenants that hold the same, turns go round: a hundred waiting calls do not hold up one', async () => {
  const borrowers = new Borrowers(new FairShare(2))
  borrowers.take('heavy')
  for (let count = 0; count < 100; count++) borrowers.take('heavy')
  for (const tenant of ['b', 'c', 'b', 'c']) borrowers.take(tenant)
  const order: string[] = []
  let last = 'heavy'
  for (let count = 0; count < 7; count++) {
    const [next = ''] = await borrowers.giveBack(last)
    order.push(next)
    last = next
  }
  assert.deepEqual(order, ['heavy', 'b', 'c', 'heavy', 'b', 'c', 'heavy'])
})

test('calls of one tenant are admitted in the order in which they came', async () => {
  const share = new FairShare(2)
  assert.equal(share.take('a', soon()), undefined)
  const order: number[] = []
  const turns = [1, 2, 3].map((number) => share.take('a', soon())?.then(() => order.push(number)))
  for (let count = 0; count < 4; count++) {
    share.giveBack('a')
    await turns[count]
  }
  assert.deepEqual(order, [1, 2, 3])
})

test('whoever still waits at their deadline is refused then, and takes nothing from those behind', async () => {
  const borrowers = new Borrowers(new FairShare(2))
  borrowers.take('a')
  const beganAtMs = performance.now()
  const refused = borrowers.share.take('a', beganAtMs + 60)
  borrowers.take('a')
  assert.ok(refused)
  await assert.rejects(refused, refusedWith('platform.unavailable', /too busy/))
  const tookMs = performance.now() - beganAtMs
  assert.ok(tookMs >= 59 && tookMs < 500, `${tookMs} ms`)
  assert.equal(borrowers.share.waiting, 1)
  assert.deepEqual(await borrowers.giveBack('a'), ['a'])
})

test('a connection is not given to somebody whose deadline passed while this process was busy', async () => {
  const borrowers = new Borrowers(new FairShare(2))
  borrowers.take('a')
  const refused = borrowers.share.take('a', performance.now() + 20)
  borrowers.take('b')
  const busyUntilMs = performance.now() + 40
  while (performance.now() < busyUntilMs);
  borrowers.share.giveBack('a')
  await assert.rejects(refused ?? Promise.resolve(), refusedWith('platform.unavailable'))
  assert.deepEqual(borrowers.admitted, ['a', 'b'])
})

test('a call that comes after its deadline is refused as too slow, though connections are free', () => {
  const share = new FairShare(2)
  assert.throws(() => share.take('a', performance.now() - 1), refusedWith('platform.too_slow'))
  assert.equal(share.take('a', soon()), undefined)
})

test('nobody waits longer than three seconds, whatever their deadline', async () => {
  const share = new FairShare(2)
  assert.equal(share.take('a', soon()), undefined)
  const beganAtMs = performance.now()
  await assert.rejects(share.take('a', beganAtMs + 60_000) ?? Promise.resolve(), refusedWith('platform.unavailable'))
  const tookMs = performance.now() - beganAtMs
  assert.ok(tookMs > 2_900 && tookMs < 4_000, `${tookMs} ms`)
})

test('how many wait is bounded for each tenant and for all; the platform is bounded by itself', async () => {
  const borrowers = new Borrowers(new FairShare(3))
  const refused = (tenantId: string) =>
    assert.throws(() => borrowers.share.take(tenantId, soon()), refusedWith('platform.unavailable', /waiting already/))
  for (const tenant of ['a', 'a', noTenant]) borrowers.take(tenant)
  for (const tenant of ['a', 'b', 'c', 'd']) {
    for (let count = 0; count < 250; count++) assert.equal(borrowers.take(tenant), false)
    refused(tenant)
  }
  assert.equal(borrowers.share.waiting, 1_000)
  refused('e')
  assert.equal(borrowers.take(noTenant), false)
  assert.deepEqual(await borrowers.giveBack(noTenant), [noTenant])
  refused('e')
  assert.deepEqual(await borrowers.giveBack('a'), ['b'])
  assert.equal(borrowers.take('e'), false)
})

test('giving back what is not held is an error and frees nothing', () => {
  const share = new FairShare(2)
  assert.equal(share.take('a', soon()), undefined)
  share.giveBack('a')
  assert.throws(() => share.giveBack('a'), /does not hold/)
  assert.throws(() => share.giveBack('b'), /does not hold/)
  const borrowers = new Borrowers(share)
  assert.deepEqual([borrowers.take('a'), borrowers.take('b')], [true, false])
})

test('through 20,000 random steps nobody exceeds a bound, nobody is forgotten and nothing is lost', async () => {
  const connectionsMax = 10
  const share = new FairShare(connectionsMax)
  const held = new Map<string, number>()
  const hold = (tenant: string, change: number) => held.set(tenant, (held.get(tenant) ?? 0) + change)
  const holders = () => [...held].filter(([, count]) => count > 0).map(([name]) => name)
  const giveBack = (tenant: string) => {
    hold(tenant, -1)
    share.giveBack(tenant)
  }
  const waiting: Promise<unknown>[] = []
  const admitted = (tenant: string) => hold(tenant, 1)
  for (let step = 0; step < 20_000; step++) {
    const tenant = Math.random() < 0.1 ? noTenant : `tenant ${Math.floor(Math.random() ** 2 * 50)}`
    const [holder = ''] = holders().toSorted(() => Math.random() - 0.5)
    if (holder !== '' && Math.random() < 0.5) giveBack(holder)
    else if (share.waiting < 900) {
      const turn = share.take(tenant, performance.now() + 10 + Math.random() * 50)
      if (turn)
        waiting.push(
          turn.then(
            () => admitted(tenant),
            (error: unknown) => assert.ok(error instanceof Failure),
          ),
        )
      else admitted(tenant)
    }
    await (step % 100 === 0 ? wait(1) : undefined)
    const all = [...held.values()].reduce((sum, count) => sum + count, 0)
    assert.ok(all <= connectionsMax && all - (held.get(noTenant) ?? 0) <= connectionsMax - 1)
    for (const [name, count] of held) assert.ok(name === noTenant || count <= 2, `${name} holds ${count}`)
  }
  await Promise.all(waiting)
  while (holders().length > 0) holders().forEach(giveBack)
  assert.equal(share.waiting, 0)
  const borrowers = new Borrowers(share)
  assert.equal(
    Array.from({ length: connectionsMax + 1 }, () => borrowers.take(noTenant)).indexOf(false),
    connectionsMax,
  )
})
