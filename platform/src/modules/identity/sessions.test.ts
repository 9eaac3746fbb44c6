import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TestDatabase } from './database.fixture.ts'
import { createPerson, failing, password, provider, signIn } from './people.fixture.ts'
import { deleteExpired } from './store.ts'

let database: TestDatabase
before(async () => {
  database = await TestDatabase.create()
})
after(() => database.drop())

const start = Date.parse('2026-11-21T08:00:00.000Z')
const day = 24 * 3_600_000
const at = (days: number) => ({ now: new Date(start + days * day).toISOString() })

const signInAt = (email: string, days: number) =>
  database.transact((context) => provider.signIn(context, { email, password }), at(days))
const authenticateAt = (token: string, days: number) =>
  database.transact((context) => provider.authenticate(context, token), at(days))
const settleAt = (token: string, days: number) =>
  database.transact((context) => provider.settle(context, token), at(days))

test('a session that is not used ends after seven days', async () => {
  await createPerson(database, 'idle@acme.test')
  const { token } = await signInAt('idle@acme.test', 0)
  assert.equal((await authenticateAt(token, 6.99)).person?.email, 'idle@acme.test')
  assert.deepEqual(await authenticateAt(token, 7), { person: undefined, writeDue: false })
  assert.equal(await settleAt(token, 7), undefined, 'an ended session cannot be lengthened')
})

test('a session in use is written to once a day and lives on, but no longer than thirty days', async () => {
  await createPerson(database, 'busy@acme.test')
  const { token, expiresAt } = await signInAt('busy@acme.test', 0)
  assert.equal(expiresAt, at(30).now, 'the cookie lives as long as a session can')
  assert.equal((await authenticateAt(token, 0.99)).writeDue, false)
  for (let days = 1; days < 30; days += 1) {
    assert.equal((await authenticateAt(token, days)).writeDue, true, `day ${days}`)
    assert.equal((await settleAt(token, days))?.email, 'busy@acme.test', `day ${days}`)
    assert.equal((await authenticateAt(token, days + 0.5)).writeDue, false, `day ${days}`)
  }
  assert.equal((await authenticateAt(token, 29.99)).person?.email, 'busy@acme.test')
  assert.equal((await authenticateAt(token, 30)).person, undefined)
})

test('looking up a session writes nothing', async () => {
  await createPerson(database, 'read@acme.test')
  const { token } = await signInAt('read@acme.test', 0)
  const transaction = database.begin()
  await provider.authenticate({ db: transaction, ...at(3) }, token)
  assert.equal(await transaction.hasWritten(), false)
  await transaction.rollback()
})

test('people see their live sessions, the latest first, and which one is theirs', async () => {
  const userId = await createPerson(database, 'list@acme.test')
  await createPerson(database, 'other@acme.test')
  await signInAt('list@acme.test', -8)
  const first = await signInAt('list@acme.test', 0)
  const second = await signInAt('list@acme.test', 1)
  await signInAt('other@acme.test', 1)
  const sessions = await database.transact(
    (context) => provider.sessions(context, { userId, currentId: first.id }),
    at(2),
  )
  assert.deepEqual(
    sessions.map(({ id, current }) => ({ id, current })),
    [
      { id: second.id, current: false },
      { id: first.id, current: true },
    ],
  )
  assert.deepEqual(sessions[0], {
    id: second.id,
    createdAt: at(1).now,
    lastSeenAt: at(1).now,
    expiresAt: at(8).now,
    address: '192.0.2.7',
    userAgent: 'Test/1',
    current: false,
    console: false,
  })
})

test("a revoked session is over, and nobody can revoke another person's", async () => {
  const userId = await createPerson(database, 'revoke@acme.test')
  const stranger = await createPerson(database, 'stranger@acme.test')
  const { id: sessionId, token } = await signIn(database, 'revoke@acme.test')
  const revoked = (by: string, id = sessionId) =>
    database.transact((context) => provider.revokeSession(context, { userId: by, sessionId: id }))
  await assert.rejects(revoked(stranger), failing('resource.not_found'))
  assert.equal((await database.transact((context) => provider.authenticate(context, token))).person?.userId, userId)
  await revoked(userId)
  assert.equal((await database.transact((context) => provider.authenticate(context, token))).person, undefined)
  await assert.rejects(revoked(userId), failing('resource.not_found'))
})

test('all other sessions can be ended at once', async () => {
  const userId = await createPerson(database, 'others@acme.test')
  const sessions = [await signIn(database, 'others@acme.test'), await signIn(database, 'others@acme.test')]
  const kept = await signIn(database, 'others@acme.test')
  const ended = await database.transact((context) =>
    provider.revokeOtherSessions(context, { userId, sessionId: kept.id }),
  )
  assert.deepEqual(ended.toSorted(), sessions.map(({ id }) => id).toSorted())
  const left = await database.rows('select id from identity.sessions where user_id = $1', [userId])
  assert.deepEqual(left, [{ id: kept.id }])
})

test('people read and change their profile', async () => {
  const userId = await createPerson(database, 'profile@acme.test')
  const changed = await database.transact((context) => provider.updateProfile(context, userId, { locale: 'es' }))
  assert.deepEqual(changed, { ...changed, id: userId, email: 'profile@acme.test', name: 'Ada', locale: 'es' })
  const renamed = await database.transact((context) => provider.updateProfile(context, userId, { name: 'Ada Byron' }))
  assert.deepEqual(await database.transact((context) => provider.profile(context, userId)), renamed)
  assert.deepEqual({ name: renamed.name, locale: renamed.locale }, { name: 'Ada Byron', locale: 'es' })
  const nobody = '01a1fc62-5825-7000-acd1-865bd7cff9f3'
  await assert.rejects(
    database.transact((context) => provider.profile(context, nobody)),
    failing('resource.not_found'),
  )
})

test('what nobody can use any more is cleared away, and nothing else', async () => {
  await createPerson(database, 'expired@acme.test')
  await signInAt('expired@acme.test', -8)
  const live = await signInAt('expired@acme.test', 0)
  await database.transact((context) => provider.requestPasswordReset(context, { email: 'expired@acme.test' }), at(0))
  const countsAt = async (days: number) => {
    await database.transact((context) => deleteExpired(context.db, at(days).now))
    const [counts] = await database.rows(`
      select (select count(*)::int from identity.sessions where id = '${live.id}') as live,
        (select count(*)::int from identity.sessions where expires_at <= '${at(days).now}') as ended,
        (select count(*)::int from identity.verifications) as links`)
    return counts
  }
  assert.deepEqual(await countsAt(0.04), { live: 1, ended: 0, links: 1 })
  assert.deepEqual(await countsAt(0.05), { live: 1, ended: 0, links: 0 })
})
