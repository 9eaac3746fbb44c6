import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Session } from '#kernel/database/session'
import type { Failure } from '#kernel/errors/failure'
import { TestDatabase } from './database.fixture.ts'
import { createPerson, failing, password, provider, signIn, signUp } from './people.fixture.ts'
import type { IdentityContext, NewSession } from './provider.ts'

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
    provider.changePassword(context, {
      userId,
      currentPassword: password,
      newPassword: 'four unrelated words',
      hasSecondFactor: false,
    }),
  )
  await new Promise((resolve) => setTimeout(resolve, 300))
  commitSignIn()
  const [old, changed] = await Promise.all([signingIn, changing])
  const sessions = await database.rows('select id from identity.sessions where user_id = $1', [userId])
  assert.deepEqual(sessions, [{ id: changed.id }], `session ${old.id} of the old password must be gone`)
})

test('a sign-in that read the old password before a change was committed is refused', async () => {
  const userId = await createPerson(database, 'raced@acme.test')
  const changing = () =>
    database.transact((context) =>
      provider.changePassword(context, {
        userId,
        currentPassword: password,
        newPassword: 'four unrelated words',
        hasSecondFactor: false,
      }),
    )
  let changed: Promise<NewSession> | undefined
  const signingIn = database.transact((context) => {
    const { db } = context
    const overtaken: Session['all'] = async (statement) => {
      const rows = await db.all(statement)
      if (statement.text.includes('from identity.accounts')) await (changed ??= changing())
      return rows as never
    }
    const slow: Session = {
      all: overtaken,
      first: (statement) => db.first(statement),
      change: (statement) => db.change(statement),
    }
    return provider.signIn({ ...context, db: slow }, { email: 'raced@acme.test', password })
  })
  await assert.rejects(signingIn, failing('identity.credentials_wrong'))
  const sessions = await database.rows('select id from identity.sessions where user_id = $1', [userId])
  assert.deepEqual(sessions, [{ id: (await changed)?.id }])
})

type Work = (email: string) => (context: IdentityContext) => Promise<unknown>

/** The statements that work sends, by their first two words, in order. */
async function statementsOf(work: (context: IdentityContext) => Promise<unknown>): Promise<string[]> {
  const sent: string[] = []
  const noted = (statement: { text: string }) => sent.push(statement.text.trim().split(/\s+/, 2).join(' '))
  await database
    .transact((context) => {
      const { db } = context
      const watched: Session = {
        all: (statement) => (noted(statement), db.all(statement)),
        first: (statement) => (noted(statement), db.first(statement)),
        change: (statement) => (noted(statement), db.change(statement)),
      }
      return work({ ...context, db: watched })
    })
    .catch(() => {})
  return sent
}

const signUpInput = (email: string) => ({ email, password, name: 'Ada', locale: 'en' as const })
const works: Record<string, Work> = {
  'refusing a sign-in': (email) => (context) => provider.signIn(context, { email, password: 'not-this-one-12' }),
  'a sign-up': (email) => (context) => provider.signUp(context, signUpInput(email)),
  'asking for a reset': (email) => (context) => provider.requestPasswordReset(context, { email }),
  'asking for a verification': (email) => (context) => provider.requestVerification(context, { email }),
}

for (const [what, work] of Object.entries(works)) {
  test(`${what} sends as many statements for a known address as for an unknown one`, async () => {
    const slug = what.replaceAll(' ', '-')
    await createPerson(database, `${slug}@acme.test`)
    await signUp(database, `${slug}-unverified@acme.test`)
    const unknown = await statementsOf(work(`${slug}-unknown@acme.test`))
    assert.ok(unknown.length > 1)
    const known = await statementsOf(work(`${slug}@acme.test`))
    assert.equal(known.length, unknown.length, `${known.join()} against ${unknown.join()}`)
    const unverified = await statementsOf(work(`${slug}-unverified@acme.test`))
    assert.equal(unverified.length, unknown.length, `${unverified.join()} against ${unknown.join()}`)
  })
}

/**
 * How long two kinds of work take, in ms: the tenth percentile of each, because whatever else the machine does only adds
 * to them; done in turn, so that it adds to both.
 */
async function timesMs(rounds: number, one: () => Promise<unknown>, other: () => Promise<unknown>) {
  const times: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, work] of [one, other].entries()) {
      const startedMs = performance.now()
      await work()
      times[index]?.push(performance.now() - startedMs)
    }
  }
  return times.map((list) => list.toSorted((left, right) => left - right)[Math.floor(rounds / 10)] as number) as [
    number,
    number,
  ]
}

/**
 * The statements are counted above; what is left to tell accounts apart by is the work of the password. Without it one
 * side would take a tenth of the other. On an idle machine the two differ by 1 %.
 */
function assertAlike([known, unknown]: [number, number]): void {
  const ratio = Math.max(known, unknown) / Math.min(known, unknown)
  assert.ok(ratio < 1.5, `${known.toFixed(2)} ms against ${unknown.toFixed(2)} ms`)
}

test('an unknown address takes as long to refuse as a wrong password', async () => {
  await createPerson(database, 'timed@acme.test')
  const refused = (email: string) => () => signIn(database, email, 'not-this-one-12').catch(() => {})
  assertAlike(await timesMs(40, refused('timed@acme.test'), refused('unknown@acme.test')))
})

test('a sign-up takes as long for a known address as for a new one', async () => {
  await createPerson(database, 'taken@acme.test')
  let signUps = 0
  const signingUp = (emailOf: () => string) => () =>
    database.transact((context) => provider.signUp(context, signUpInput(emailOf())))
  const known = signingUp(() => 'taken@acme.test')
  const unknown = signingUp(() => `new-${(signUps += 1)}@acme.test`)
  assertAlike(await timesMs(40, known, unknown))
})
