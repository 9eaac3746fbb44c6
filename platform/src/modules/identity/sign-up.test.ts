import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TestDatabase } from './database.fixture.ts'
import { createPerson, failing, password, provider, signIn, signUp, tokenOf } from './people.fixture.ts'

let database: TestDatabase
before(async () => {
  database = await TestDatabase.create()
})
after(() => database.drop())

const input = (email: string) => ({ email, password, name: 'Ada Lovelace', locale: 'es' as const })

test('a new account can be used once its address is confirmed, and not before', async () => {
  const { userId, token } = await signUp(database, 'new@acme.test')
  await assert.rejects(signIn(database, 'new@acme.test'), failing('identity.email_unverified'))
  const verified = await database.transact((context) => provider.verifyEmail(context, { token }))
  assert.deepEqual(verified, { userId })
  const session = await signIn(database, 'new@acme.test')
  assert.equal(session.userId, userId)
  assert.match(userId, /^[0-9a-f]{8}-[0-9a-f]{4}-7/, 'ids are UUIDs of version 7')
})

test('the wrong password says nothing about whether the address is confirmed', async () => {
  await signUp(database, 'unconfirmed@acme.test')
  await assert.rejects(
    signIn(database, 'unconfirmed@acme.test', 'not-this-one-12'),
    failing('identity.credentials_wrong'),
  )
})

test('an address is one account however it is written', async () => {
  await createPerson(database, 'Mixed.Case@Acme.Test')
  const [user] = await database.rows("select email from identity.users where email like 'mixed%'")
  assert.equal(user?.['email'], 'mixed.case@acme.test')
  await signIn(database, '  MIXED.case@acme.TEST ')
})

test('a known address answers like a new one, and only its owner learns of it', async () => {
  await createPerson(database, 'known@acme.test')
  const before = await database.rows('select * from identity.users')
  const again = await database.transact((context) => provider.signUp(context, input('known@acme.test')))
  assert.deepEqual(again, {
    userId: null,
    message: { template: 'account-exists', to: 'known@acme.test', locale: 'en', values: {} },
  })
  assert.deepEqual(await database.rows('select * from identity.users'), before, 'nothing may have changed')
  await signIn(database, 'known@acme.test')
})

test('an address that nobody confirmed belongs to the latest sign-up, and older links die', async () => {
  const first = await signUp(database, 'squatted@acme.test', 'the squatters words')
  const second = await signUp(database, 'squatted@acme.test', 'the owners own words')
  const opened = (token: string) => database.transact((context) => provider.verifyEmail(context, { token }))
  await assert.rejects(opened(first.token), failing('identity.mail_token_invalid'))
  await opened(second.token)
  await assert.rejects(
    signIn(database, 'squatted@acme.test', 'the squatters words'),
    failing('identity.credentials_wrong'),
  )
  assert.equal((await signIn(database, 'squatted@acme.test', 'the owners own words')).userId, second.userId)
})

test('of two sign-ups at the same moment for one address the later one wins, without an error', async () => {
  const attempts = Array.from({ length: 6 }, () =>
    database.transact((context) => provider.signUp(context, input('twice@acme.test'))),
  )
  for (const { message } of await Promise.all(attempts)) assert.equal(message.template, 'verify-email')
  const users = await database.rows("select id from identity.users where email = 'twice@acme.test'")
  assert.equal(users.length, 1)
})

test('a link confirms once, even when opened twice at the same moment', async () => {
  const { token } = await signUp(database, 'double-click@acme.test')
  const opened = await Promise.allSettled(
    Array.from({ length: 4 }, () => database.transact((context) => provider.verifyEmail(context, { token }))),
  )
  assert.equal(opened.filter(({ status }) => status === 'fulfilled').length, 1)
})

test('a link to confirm holds for 24 hours', async () => {
  const { token } = await signUp(database, 'late@acme.test')
  const inHours = (hours: number) => ({ now: new Date(Date.now() + hours * 3_600_000).toISOString() })
  const opened = (hours: number) =>
    database.transact((context) => provider.verifyEmail(context, { token }), inHours(hours))
  await assert.rejects(opened(24.01), failing('identity.mail_token_invalid'))
  await opened(23.9)
})

test('the database keeps no token that was mailed', async () => {
  const { token } = await signUp(database, 'hashed@acme.test')
  const stored = JSON.stringify(await database.rows('select * from identity.verifications'))
  assert.ok(!stored.includes(token))
  // What a reader of the database could try: the stored form itself.
  const [row] = await database.rows('select identifier from identity.verifications order by created_at desc limit 1')
  const replayed = database.transact((context) => provider.verifyEmail(context, { token: String(row?.['identifier']) }))
  await assert.rejects(replayed, failing('identity.mail_token_invalid'))
})

test('another mail is sent only to who still has to confirm', async () => {
  const { userId } = await signUp(database, 'again@acme.test')
  const request = (email: string) => database.transact((context) => provider.requestVerification(context, { email }))
  const message = await request('again@acme.test')
  assert.equal(message?.to, 'again@acme.test')
  assert.deepEqual(await database.transact((context) => provider.verifyEmail(context, { token: tokenOf(message) })), {
    userId,
  })
  assert.equal(await request('again@acme.test'), null)
  assert.equal(await request('nobody@acme.test'), null)
})

test('weak passwords and impossible addresses are refused before anything is written', async () => {
  const refused = (changes: object) =>
    database.transact((context) => provider.signUp(context, { ...input('weak@acme.test'), ...changes }))
  await assert.rejects(refused({ password: 'short' }), failing('identity.password_weak'))
  await assert.rejects(refused({ password: 'Password-2026!' }), failing('identity.password_weak'))
  await assert.rejects(
    refused({ email: 'trinidad@acme.test', password: 'trinidad-2026' }),
    failing('identity.password_weak'),
  )
  await assert.rejects(refused({ email: 'no at sign' }), failing('identity.email_invalid'))
  assert.deepEqual(await database.rows("select id from identity.users where email like 'weak@%'"), [])
})
