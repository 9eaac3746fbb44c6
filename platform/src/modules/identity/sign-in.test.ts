import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Failure } from '#kernel/errors/failure'
import { TestDatabase } from './test-database.ts'
import { createPerson, failing, password, provider, signIn } from './test-people.ts'

let database: TestDatabase
before(async () => {
  database = await TestDatabase.create()
})
after(() => database.drop())

test('an unknown address, a wrong password and no address at all answer exactly alike', async () => {
  await createPerson(database, 'alike@acme.test')
  const failureOf = async (email: string) => {
    const failure = await signIn(database, email, 'not-this-one-12').then(
      () => assert.fail('must not sign in'),
      (error: Failure) => error,
    )
    return { code: failure.kind.code, message: failure.message, errors: failure.errors }
  }
  const wrong = await failureOf('alike@acme.test')
  assert.equal(wrong.code, 'identity.credentials_wrong')
  assert.deepEqual(await failureOf('unknown@acme.test'), wrong)
  assert.deepEqual(await failureOf("alike@acme.test' or 1=1"), wrong)
})

test('a token is known to its cookie only: the database has its hash, and the hash opens nothing', async () => {
  await createPerson(database, 'hash@acme.test')
  const { token } = await signIn(database, 'hash@acme.test')
  const [session] = await database.rows('select * from identity.sessions order by created_at desc limit 1')
  assert.ok(!JSON.stringify(session).includes(token))
  const authenticated = (presented: string) => database.transact((context) => provider.authenticate(context, presented))
  assert.equal((await authenticated(token)).person?.email, 'hash@acme.test')
  assert.equal((await authenticated(String(session?.['token_hash']))).person, undefined)
})

test('every sign-in makes a session of its own', async () => {
  await createPerson(database, 'fresh@acme.test')
  const first = await signIn(database, 'fresh@acme.test')
  const second = await signIn(database, 'fresh@acme.test')
  assert.notEqual(first.id, second.id)
  assert.notEqual(first.token, second.token)
})

test('a sign-in that overlaps a password change does not survive it', async () => {
  const userId = await createPerson(database, 'overlap@acme.test')
  let commitSignIn = () => {}
  const mayCommit = new Promise<void>((resolve) => {
    commitSignIn = resolve
  })
  // The old password has been found right and the session written, but not committed, when the change comes.
  const signingIn = database.transact(async (context) => {
    const session = await provider.signIn(context, { email: 'overlap@acme.test', password })
    await mayCommit
    return session
  })
  await new Promise((resolve) => setTimeout(resolve, 300))
  const changing = database.transact((context) =>
    provider.changePassword(context, { userId, currentPassword: password, newPassword: 'four unrelated words' }),
  )
  await new Promise((resolve) => setTimeout(resolve, 300))
  commitSignIn()
  const [old, changed] = await Promise.all([signingIn, changing])
  const sessions = await database.rows('select id from identity.sessions where user_id = $1', [userId])
  assert.deepEqual(sessions, [{ id: changed.id }], `session ${old.id} of the old password must be gone`)
})

test('a sign-in that read the old password before a reset was committed is refused', async () => {
  const userId = await createPerson(database, 'raced@acme.test')
  const outcomes = await Promise.allSettled([
    ...Array.from({ length: 6 }, () => signIn(database, 'raced@acme.test')),
    database.transact((context) =>
      provider.changePassword(context, { userId, currentPassword: password, newPassword: 'four unrelated words' }),
    ),
  ])
  const changed = outcomes.at(-1)
  assert.ok(changed?.status === 'fulfilled')
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected')
      assert.ok(failing('identity.credentials_wrong')(outcome.reason), String(outcome.reason))
  }
  const sessions = await database.rows('select id from identity.sessions where user_id = $1', [userId])
  assert.deepEqual(sessions, [{ id: (changed.value as { id: string }).id }])
})

/** Median times of two kinds of work, done in turn so that whatever else the machine does hits both alike. */
async function mediansMs(rounds: number, one: () => Promise<unknown>, other: () => Promise<unknown>) {
  const times: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, work] of [one, other].entries()) {
      const startedMs = performance.now()
      await work()
      times[index]?.push(performance.now() - startedMs)
    }
  }
  return times.map((list) => list.sort((left, right) => left - right)[Math.floor(rounds / 2)] as number) as [
    number,
    number,
  ]
}

/** The work of a password is some 40 ms; what is left between the two must drown in it. */
function assertAlike([one, other]: [number, number], allowedRatio: number): void {
  const ratio = Math.max(one, other) / Math.min(one, other)
  assert.ok(ratio < allowedRatio, `${one.toFixed(2)} ms against ${other.toFixed(2)} ms`)
}

test('an unknown address takes as long to refuse as a wrong password', async () => {
  await createPerson(database, 'timed@acme.test')
  const refused = (email: string) => () => signIn(database, email, 'not-this-one-12').catch(() => {})
  assertAlike(await mediansMs(40, refused('timed@acme.test'), refused('unknown@acme.test')), 1.1)
})

test('a sign-up takes as long for a known address as for a new one', async () => {
  await createPerson(database, 'taken@acme.test')
  let signUps = 0
  const signingUp = (emailOf: () => string) => () =>
    database.transact((context) => provider.signUp(context, { email: emailOf(), password, name: 'Ada', locale: 'en' }))
  const known = signingUp(() => 'taken@acme.test')
  const unknown = signingUp(() => `new-${(signUps += 1)}@acme.test`)
  assertAlike(await mediansMs(40, known, unknown), 1.1)
})

test('asking for a mail costs as much for an unknown address as for a known one', async () => {
  await createPerson(database, 'mailed@acme.test')
  const asked = (email: string) => () =>
    database.transact((context) => provider.requestPasswordReset(context, { email }))
  const [known, unknown] = await mediansMs(200, asked('mailed@acme.test'), asked('unknown@acme.test'))
  assert.ok(Math.abs(known - unknown) < 2, `${known.toFixed(2)} ms against ${unknown.toFixed(2)} ms`)
})
