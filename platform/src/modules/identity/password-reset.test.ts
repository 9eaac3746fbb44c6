import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TestDatabase } from './database.fixture.ts'
import { createPerson, failing, password, provider, signIn, signUp, tokenOf } from './people.fixture.ts'

let database: TestDatabase
before(async () => {
  database = await TestDatabase.create()
})
after(() => database.drop())

const newPassword = 'four unrelated words'

async function requestReset(email: string): Promise<string> {
  return tokenOf(await database.transact((context) => provider.requestPasswordReset(context, { email })))
}

function reset(token: string, hoursLater = 0, chosen = newPassword) {
  const now = new Date(Date.now() + hoursLater * 3_600_000).toISOString()
  return database.transact((context) => provider.resetPassword(context, { token, password: chosen }), { now })
}

test('a reset sets the new password, ends every session and voids every other link', async () => {
  const userId = await createPerson(database, 'reset@acme.test')
  const session = await signIn(database, 'reset@acme.test')
  const older = await requestReset('reset@acme.test')
  assert.deepEqual(await reset(await requestReset('reset@acme.test')), { userId })
  assert.equal((await database.transact((context) => provider.authenticate(context, session.token))).person, undefined)
  await assert.rejects(signIn(database, 'reset@acme.test', password), failing('identity.credentials_wrong'))
  await assert.rejects(reset(older, 0, 'yet another one'), failing('identity.mail_token_invalid'))
  await signIn(database, 'reset@acme.test', newPassword)
})

test('a link to reset works once, even when used twice at the same moment', async () => {
  await createPerson(database, 'once@acme.test')
  const token = await requestReset('once@acme.test')
  const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => reset(token)))
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
})

test('a link to reset holds for one hour', async () => {
  await createPerson(database, 'hour@acme.test')
  await assert.rejects(reset(await requestReset('hour@acme.test'), 1.01), failing('identity.mail_token_invalid'))
  await reset(await requestReset('hour@acme.test'), 0.99)
})

test('a weak new password leaves the link usable', async () => {
  await createPerson(database, 'weak@acme.test')
  const token = await requestReset('weak@acme.test')
  await assert.rejects(reset(token, 0, 'qwertyuiop12'), failing('identity.password_weak'))
  await reset(token)
})

test('a reset confirms the address that its link was mailed to', async () => {
  await signUp(database, 'never-confirmed@acme.test')
  await reset(await requestReset('never-confirmed@acme.test'))
  await signIn(database, 'never-confirmed@acme.test', newPassword)
})

test('a token is good for its own purpose only', async () => {
  await createPerson(database, 'purpose@acme.test')
  const token = await requestReset('purpose@acme.test')
  const asVerification = database.transact((context) => provider.verifyEmail(context, { token }))
  await assert.rejects(asVerification, failing('identity.mail_token_invalid'))
  const { token: verification } = await signUp(database, 'purpose-2@acme.test')
  await assert.rejects(reset(verification), failing('identity.mail_token_invalid'))
})

test('an unknown address gets no mail and leaves nothing behind', async () => {
  const before = await database.rows('select id from identity.verifications')
  const message = await database.transact((context) =>
    provider.requestPasswordReset(context, { email: 'unknown@acme.test' }),
  )
  assert.equal(message, null)
  assert.deepEqual(await database.rows('select id from identity.verifications'), before)
})

test('changing a password asks for the current one, ends all other sessions and gives a new one', async () => {
  const userId = await createPerson(database, 'change@acme.test')
  const old = [await signIn(database, 'change@acme.test'), await signIn(database, 'change@acme.test')]
  const link = await requestReset('change@acme.test')
  const change = (currentPassword: string, chosen: string) =>
    database.transact((context) =>
      provider.changePassword(context, { userId, currentPassword, newPassword: chosen, hasSecondFactor: false }),
    )
  await assert.rejects(change('not-this-one-12', newPassword), failing('identity.password_wrong'))
  await assert.rejects(change(password, 'password12345'), failing('identity.password_weak'))
  const session = await change(password, newPassword)
  for (const { token } of old) {
    assert.equal((await database.transact((context) => provider.authenticate(context, token))).person, undefined)
  }
  const { person } = await database.transact((context) => provider.authenticate(context, session.token))
  assert.deepEqual({ userId: person?.userId, sessionId: person?.sessionId }, { userId, sessionId: session.id })
  await assert.rejects(reset(link), failing('identity.mail_token_invalid'))
})
