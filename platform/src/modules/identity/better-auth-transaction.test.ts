import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Session } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'
import { createBetterAuth } from './better-auth-instance.ts'
import { TestDatabase } from './database.fixture.ts'
import { PasswordHashing } from './password-hashing.ts'
import { createPerson, failing, password, provider, signIn } from './people.fixture.ts'

let database: TestDatabase
before(async () => {
  database = await TestDatabase.create()
})
after(() => database.drop())

const rowsOf = (email: string) =>
  database.rows(
    'select u.id, a.id from identity.users u left join identity.accounts a on a.user_id = u.id where email = $1',
    [email],
  )

class Undone extends Error {}

test('a sign-up whose operation is rolled back leaves no account and no token', async () => {
  const email = 'rolled-back@acme.test'
  await assert.rejects(
    database.transact(async (context) => {
      await provider.signUp(context, { email, password, name: 'Ada', locale: 'en' })
      const inside = await context.db.all(sql`select id from identity.users where email = ${email}`)
      assert.equal(inside.length, 1, 'the account must be visible inside its own transaction')
      throw new Undone()
    }),
    Undone,
  )
  assert.deepEqual(await rowsOf(email), [])
  assert.deepEqual(await database.rows('select id from identity.verifications'), [])
})

test('a sign-in whose operation is rolled back leaves no session', async () => {
  const userId = await createPerson(database, 'no-session@acme.test')
  await assert.rejects(
    database.transact(async (context) => {
      await provider.signIn(context, { email: 'no-session@acme.test', password })
      throw new Undone()
    }),
    Undone,
  )
  assert.deepEqual(await database.rows('select id from identity.sessions where user_id = $1', [userId]), [])
})

test('a password change whose operation is rolled back leaves the old password and the old sessions', async () => {
  const userId = await createPerson(database, 'unchanged@acme.test')
  const session = await signIn(database, 'unchanged@acme.test')
  await assert.rejects(
    database.transact(async (context) => {
      const change = { userId, currentPassword: password, newPassword: 'four unrelated words', hasSecondFactor: false }
      await provider.changePassword(context, change)
      throw new Undone()
    }),
    Undone,
  )
  const { person } = await database.transact((context) => provider.authenticate(context, session.token))
  assert.equal(person?.userId, userId)
  await signIn(database, 'unchanged@acme.test')
})

test('twenty operations at the same time keep to their own transactions, half of them rolled back', async () => {
  const emails = Array.from({ length: 20 }, (_, index) => `parallel-${index}@acme.test`)
  const outcomes = await Promise.allSettled(
    emails.map((email, index) =>
      database.transact(async (context) => {
        await provider.signUp(context, { email, password, name: 'Ada', locale: 'en' })
        if (index % 2 === 1) throw new Undone()
      }),
    ),
  )
  outcomes.forEach((outcome, index) => {
    if (index % 2 === 0) return assert.equal(outcome.status, 'fulfilled')
    assert.ok(outcome.status === 'rejected' && outcome.reason instanceof Undone, 'only what the operation threw')
  })
  const kept = await database.rows(
    "select email from identity.users where email like 'parallel-%' order by length(email), email",
  )
  assert.deepEqual(
    kept.map(({ email }) => email),
    emails.filter((_, index) => index % 2 === 0),
  )
})

test('an error of the database inside Better Auth comes out as itself and leaves the connections usable', async () => {
  // Better Auth answers an error at this table with one of its own, which says nothing.
  const refusing = "alter table identity.users add constraint refused check (email not like 'refused-%')"
  await database.superuser.query(refusing)
  try {
    for (let round = 0; round < 30; round += 1) {
      const input = { email: `refused-${round}@acme.test`, password, name: 'Ada', locale: 'en' as const }
      await assert.rejects(
        database.transact((context) => provider.signUp(context, input)),
        (error: { code?: string; constraint?: string }) => error.code === '23514' && error.constraint === 'refused',
      )
    }
  } finally {
    await database.superuser.query('alter table identity.users drop constraint refused')
  }
  assert.deepEqual(await database.rows("select id from identity.users where email like 'refused-%'"), [])
  await createPerson(database, 'after-the-errors@acme.test')
  assert.equal(database.identity.connections.waiting, 0)
})

test('a failed sign-in ends its transaction without an error of the database', async () => {
  await createPerson(database, 'wrong-password@acme.test')
  for (let round = 0; round < 15; round += 1) {
    await assert.rejects(
      signIn(database, 'wrong-password@acme.test', `not it ${round}`),
      failing('identity.credentials_wrong'),
    )
  }
  assert.ok(database.identity.connections.open <= 12)
  await signIn(database, 'wrong-password@acme.test')
})

test('Better Auth refuses to touch the database outside a call', async () => {
  const auth = createBetterAuth(new PasswordHashing())
  await assert.rejects(auth.api.signInEmail({ body: { email: 'a@acme.test', password } }), /outside a call/)
})

test('a statement that comes after its operation has ended is refused, not run elsewhere', async () => {
  const kept: Session[] = []
  await database.transact(async (context) => {
    await context.db.all(sql`select 1 as one`)
    kept.push(context.db)
  })
  const db = kept[0] as Session
  const late = provider.signIn({ db, now: new Date().toISOString() }, { email: 'after-the-errors@acme.test', password })
  await assert.rejects(late, /transaction is over/)
})

test('a flood of sign-ins leaves connections for looking sessions up', async () => {
  await createPerson(database, 'calm@acme.test')
  const { token } = await signIn(database, 'calm@acme.test')
  let busiest = 0
  const flood = Array.from({ length: 100 }, async () => {
    await signIn(database, 'calm@acme.test')
    busiest = Math.max(busiest, database.identity.connections.waiting)
  })
  const looked = database.transact((context) => provider.authenticate(context, token))
  const first = await Promise.race([looked.then(() => 'session'), Promise.all(flood).then(() => 'flood')])
  assert.equal(first, 'session')
  await Promise.all(flood)
  assert.equal(busiest, 0, 'nobody may have waited for a connection')
})
