import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import type { Failure } from '#kernel/errors/failure'
import { TestDatabase } from './database.fixture.ts'
import { createPerson, failing, password, provider, signIn } from './people.fixture.ts'
import { deleteExpired } from './store.ts'
import { defaultLimits, Throttle, type ThrottledAction } from './throttle.ts'

let database: TestDatabase
let throttle: Throttle
before(async () => {
  database = await TestDatabase.create()
  throttle = new Throttle(database.identity)
})
after(() => database.drop())

/** How many of so many attempts, all at the same time, are let through. */
async function allowed(attempts: number, attempt: (index: number) => Promise<void>): Promise<number> {
  const outcomes = await Promise.allSettled(Array.from({ length: attempts }, (_, index) => attempt(index)))
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') assert.ok(failing('request.throttled')(outcome.reason), String(outcome.reason))
  }
  return outcomes.filter(({ status }) => status === 'fulfilled').length
}

const addressOf = (index: number) => `192.0.2.${index}`

test('one address has ten tries at one account', async () => {
  const tried = await allowed(40, () => throttle.count('sign-in', { account: 'pair@acme.test', address: '192.0.2.1' }))
  assert.equal(tried, 10)
})

test('all addresses together have fifty tries at one account', async () => {
  const tried = await allowed(200, (index) =>
    throttle.count('sign-in', { account: 'account@acme.test', address: addressOf(index) }),
  )
  assert.equal(tried, 50)
})

test('one address has two hundred tries at all accounts together', async () => {
  const tried = await allowed(1_000, (index) =>
    throttle.count('sign-in', { account: `account-${index}@acme.test`, address: '198.51.100.1' }),
  )
  assert.equal(tried, 200)
})

test('an unknown account is throttled exactly like a known one', async () => {
  await createPerson(database, 'exists@acme.test')
  const outcomesFor = async (account: string, address: string) => {
    const codes: string[] = []
    for (let round = 0; round < 12; round += 1) {
      const outcome = await throttle
        .count('sign-in', { account, address })
        .then(() => signIn(database, account, 'not-this-one-12'))
        .then(
          () => 'signed in',
          (failure: Failure) => failure.kind.code,
        )
      codes.push(outcome)
    }
    return codes
  }
  const known = await outcomesFor('exists@acme.test', '203.0.113.1')
  assert.deepEqual(known, [...Array(10).fill('identity.credentials_wrong'), 'request.throttled', 'request.throttled'])
  assert.deepEqual(await outcomesFor('does-not-exist@acme.test', '203.0.113.2'), known)
})

test('who is throttled is told after how many seconds to come back', async () => {
  const attempt = { account: 'seconds@acme.test', address: '203.0.113.3' }
  await allowed(10, () => throttle.count('sign-in', attempt))
  const failure = await throttle.count('sign-in', attempt).then(
    () => assert.fail('must be throttled'),
    (error: Failure) => error,
  )
  const seconds = failure.retryAfterSeconds ?? 0
  assert.ok(seconds > 890 && seconds <= 900, `${seconds} s`)
})

test('the way an address is written does not give more tries', async () => {
  const spellings = ['same@acme.test', ' SAME@acme.test', 'Same@Acme.Test ', 'same@acme.test\t']
  const tried = await allowed(40, (index) =>
    throttle.count('sign-in', { account: spellings[index % 4] as string, address: '203.0.113.4' }),
  )
  assert.equal(tried, 10)
})

test('an IPv6 subscriber has one /64, an IPv4 address is the same when mapped', async () => {
  const v6 = ['2001:db8:0:7::1', '2001:0db8:0000:0007:ffff::2', '2001:DB8:0:7:1:2:3:4', '2001:db8::7:0:0:0:9']
  const subscriber = await allowed(40, (index) =>
    throttle.count('sign-in', { account: 'v6@acme.test', address: v6[index % 4] }),
  )
  assert.equal(subscriber, 10)
  await throttle.count('sign-in', { account: 'v6@acme.test', address: '2001:db8:0:8::1' })
  const v4 = ['203.0.113.5', '::ffff:203.0.113.5']
  const mapped = await allowed(40, (index) =>
    throttle.count('sign-in', { account: 'v4@acme.test', address: v4[index % 2] }),
  )
  assert.equal(mapped, 10)
})

test('signing in gives the tries back, unless the operation is rolled back', async () => {
  await createPerson(database, 'forgiven@acme.test')
  const attempt = { account: 'forgiven@acme.test', address: '203.0.113.6' }
  const signInForgiven = () =>
    database.transact(async (context) => {
      await provider.signIn(context, { email: attempt.account, password })
      await throttle.forgive(context.db, 'sign-in', attempt)
    })
  assert.equal(await allowed(9, () => throttle.count('sign-in', attempt)), 9)
  await throttle.count('sign-in', attempt)
  await signInForgiven()
  assert.equal(await allowed(40, () => throttle.count('sign-in', attempt)), 10, 'a success starts afresh')
  await assert.rejects(
    database.transact(async (context) => {
      await throttle.forgive(context.db, 'sign-in', attempt)
      throw new Error('undone')
    }),
    /undone/,
  )
  await assert.rejects(throttle.count('sign-in', attempt), failing('request.throttled'))
})

test('a success takes back only its own attempt from what all addresses share', async () => {
  const account = 'shared@acme.test'
  await allowed(49, (index) => throttle.count('sign-in', { account, address: addressOf(index) }))
  const own = { account, address: '203.0.113.7' }
  await throttle.count('sign-in', own)
  await database.transact((context) => throttle.forgive(context.db, 'sign-in', own))
  assert.equal(await allowed(20, (index) => throttle.count('sign-in', { account, address: `198.18.0.${index}` })), 1)
})

test('a password set by mail unlocks the account', async () => {
  const account = 'locked@acme.test'
  await allowed(60, (index) => throttle.count('sign-in', { account, address: addressOf(index) }))
  const attempt = { account, address: '203.0.113.8' }
  await assert.rejects(throttle.count('sign-in', attempt), failing('request.throttled'))
  await database.transact((context) => throttle.unlock(context.db, attempt))
  await throttle.count('sign-in', attempt)
})

test('every action has limits, and they do not share counts', async () => {
  const attempt = { account: 'actions@acme.test', address: '203.0.113.9' }
  for (const [action, { pair }] of Object.entries(defaultLimits)) {
    assert.equal(await allowed(30, () => throttle.count(action as ThrottledAction, attempt)), pair.attempts, action)
  }
})

test('a window ends', async () => {
  const limit = { attempts: 2, windowSeconds: 1 }
  const short = { address: limit, pair: limit, account: limit }
  const brief = new Throttle(database.identity, { ...defaultLimits, verification: short })
  const attempt = { account: 'window@acme.test', address: '203.0.113.10' }
  assert.equal(await allowed(5, () => brief.count('verification', attempt)), 2)
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  assert.equal(await allowed(5, () => brief.count('verification', attempt)), 2)
})

test('the table holds neither addresses nor names', async () => {
  for (const { key } of await database.rows('select key from identity.throttles')) {
    assert.match(String(key), /^[a-z-]+:(address|pair|account):[0-9a-f]{64}$/)
  }
})

test('counts are cleared away once their window is over, and not before', async () => {
  const attempt = { account: 'cleared@acme.test', address: '203.0.113.11' }
  const tried = () => allowed(20, () => throttle.count('sign-in', attempt))
  const clearedAt = (ms: number) =>
    database.transact((context) => deleteExpired(context.db, new Date(Date.now() + ms).toISOString()))
  assert.equal(await tried(), 10)
  await clearedAt(14 * 60_000)
  assert.equal(await tried(), 0)
  await clearedAt(16 * 60_000)
  assert.equal(await tried(), 10)
})

const oneOfTwoProcesses = `
  import { Database } from '#kernel/database/database'
  import { Throttle } from './throttle.ts'
  const database = new Database({ name: 'child', url: process.env.URL, key: { id: 'child', secret: Buffer.alloc(32) }, connectionsMax: 5 })
  const throttle = new Throttle(database)
  let allowed = 0
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const address = process.env.NETWORK + '.' + attempt
    await throttle.count('sign-in', { account: 'processes@acme.test', address }).then(() => { allowed += 1 }, () => {})
  }
  console.log(allowed)
  await database.end()
`

test('two processes share the counts', async () => {
  const run = async (network: string) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=source', '--input-type=module-typescript', '--eval', oneOfTwoProcesses],
      { cwd: import.meta.dirname, env: { ...process.env, URL: database.url, NETWORK: network } },
    )
    return Number(stdout)
  }
  const [first, second] = await Promise.all([run('198.51.100'), run('198.18.1')])
  // Forty attempts each: alone, either would have been let through to the end.
  assert.equal(first + second, 50)
})
