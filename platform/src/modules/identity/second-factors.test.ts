import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { Secret } from 'otpauth'
import { codeShown } from './authenticator.fixture.ts'
import { TestDatabase } from './database.fixture.ts'
import { createPerson, failing, password, provider, tokenOf } from './people.fixture.ts'
import { SecondFactors } from './second-factors.ts'

let database: TestDatabase
before(async () => {
  database = await TestDatabase.create()
})
after(() => database.drop())

const factors = new SecondFactors(randomBytes(32), 'Atlas')
/** The beginning of a time step. Not in the past: Better Auth compares links with the clock of the machine. */
const startMs = Math.ceil(Date.now() / 30_000) * 30_000
const at = (seconds: number) => ({ now: new Date(startMs + seconds * 1000).toISOString() })
const codeAt = (secret: string, seconds: number) => codeShown(secret, startMs + seconds * 1000)

interface Protected {
  readonly userId: string
  readonly email: string
  readonly secret: string
  readonly recoveryCodes: string[]
}

/** Somebody whose app was confirmed at second 0. */
async function protectedPerson(name: string): Promise<Protected> {
  const email = `${name}@acme.test`
  const userId = await createPerson(database, email)
  const { secret } = await database.transact((context) => factors.prepare(context, { userId, email }), at(0))
  const code = codeAt(secret, 0)
  const recoveryCodes = await database.transact((context) => factors.confirm(context, userId, code), at(0))
  return { userId, email, secret, recoveryCodes }
}

const prove = (userId: string, code: string, seconds: number) =>
  database.transact((context) => factors.prove(context, userId, code), at(seconds))
const signInAt = (email: string, seconds: number, withPassword = password) =>
  database.transact((context) => provider.signIn(context, { email, password: withPassword }), at(seconds))
const resumeAt = (userId: string, token: string, seconds: number) =>
  database.transact((context) => provider.resumeSignIn(context, { userId, token }), at(seconds))

test('the address in the QR code names product and person, and holds the secret that can also be typed', async () => {
  const userId = await createPerson(database, 'uri@acme.test')
  const { secret, uri } = await database.transact((context) =>
    factors.prepare(context, { userId, email: 'uri@acme.test' }),
  )
  const url = new URL(uri)
  assert.equal(decodeURIComponent(url.href.split('?')[0] ?? ''), 'otpauth://totp/Atlas:uri@acme.test')
  assert.equal(url.searchParams.get('secret'), secret)
  assert.equal(Secret.fromBase32(secret).bytes.length, 20)
})

test('a code works once, and so does none of an earlier time step', async () => {
  const { userId, secret } = await protectedPerson('once')
  await assert.rejects(prove(userId, codeAt(secret, 0), 10), failing('identity.code_wrong'), 'confirmed with it')
  assert.equal(await prove(userId, codeAt(secret, 60), 60), 'authenticator')
  await assert.rejects(prove(userId, codeAt(secret, 60), 61), failing('identity.code_wrong'))
  await assert.rejects(prove(userId, codeAt(secret, 30), 61), failing('identity.code_wrong'))
})

test('of twenty proofs by one code at the same moment, one counts', async () => {
  const { userId, secret, recoveryCodes } = await protectedPerson('twins')
  for (const code of [codeAt(secret, 60), recoveryCodes[0] ?? '']) {
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => prove(userId, code, 60)))
    assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1, code)
  }
})

test('a clock may be half a minute off, not more', async () => {
  const { userId, secret } = await protectedPerson('clock')
  await assert.rejects(prove(userId, codeAt(secret, 240), 300), failing('identity.code_wrong'))
  await assert.rejects(prove(userId, codeAt(secret, 360), 300), failing('identity.code_wrong'))
  assert.equal(await prove(userId, codeAt(secret, 270), 300), 'authenticator')
  assert.equal(await prove(userId, codeAt(secret, 330), 300), 'authenticator')
})

test('each of ten recovery codes works once, in whatever case and with or without dashes', async () => {
  const { userId, recoveryCodes } = await protectedPerson('recovery')
  assert.equal(new Set(recoveryCodes).size, 10)
  assert.equal(await prove(userId, recoveryCodes[0] ?? '', 60), 'recovery_code')
  assert.equal(await prove(userId, (recoveryCodes[1] ?? '').toUpperCase().replaceAll('-', ' '), 60), 'recovery_code')
  for (const used of recoveryCodes.slice(0, 2)) {
    await assert.rejects(prove(userId, used, 60), failing('identity.code_wrong'))
  }
  const state = await database.transact((context) => factors.state(context, userId))
  assert.equal(state.recoveryCodesLeft, 8)
  const renewed = await database.transact((context) => factors.renewRecoveryCodes(context, userId))
  await assert.rejects(prove(userId, recoveryCodes[2] ?? '', 60), failing('identity.code_wrong'))
  assert.equal(await prove(userId, renewed[2] ?? '', 60), 'recovery_code')
})

test("one person's codes prove nothing for another, even with the other's row", async () => {
  const ada = await protectedPerson('ada')
  const eve = await protectedPerson('eve')
  await assert.rejects(prove(ada.userId, eve.recoveryCodes[0] ?? '', 60), failing('identity.code_wrong'))
  await assert.rejects(prove(ada.userId, codeAt(eve.secret, 60), 60), failing('identity.code_wrong'))
  await database.rows(
    'update identity.authenticators set secret = (select secret from identity.authenticators where user_id = $1) where user_id = $2',
    [eve.userId, ada.userId],
  )
  await assert.rejects(prove(ada.userId, codeAt(eve.secret, 90), 90), /unable to authenticate/)
})

test('neither the secret nor a recovery code can be read from the database', async () => {
  const { userId, secret, recoveryCodes } = await protectedPerson('stored')
  const rows = await database.rows(
    `select a.secret, array_agg(c.code_hash) as hashes from identity.authenticators a
      join identity.recovery_codes c using (user_id) where user_id = $1 group by 1`,
    [userId],
  )
  const [{ secret: stored, hashes }] = rows as [{ secret: string; hashes: string[] }]
  const bytes = Buffer.from(Secret.fromBase32(secret).bytes)
  assert.equal(Buffer.from(stored, 'base64url').includes(bytes), false)
  for (const code of recoveryCodes) assert.equal(hashes.join().includes(code.replaceAll('-', '')), false)
})

test('an app that was never confirmed asks nobody for anything, and a confirmed one is not replaced', async () => {
  const email = 'unconfirmed@acme.test'
  const userId = await createPerson(database, email)
  const begin = () => database.transact((context) => factors.prepare(context, { userId, email }), at(0))
  await begin()
  assert.equal((await signInAt(email, 0)).isPending, false)
  await assert.rejects(prove(userId, '123456', 0), failing('identity.authenticator_missing'))
  const { secret } = await begin()
  await database.transact((context) => factors.confirm(context, userId, codeAt(secret, 0)), at(0))
  await assert.rejects(begin(), failing('identity.authenticator_present'))
  assert.equal((await signInAt(email, 60)).isPending, true)
})

test('with a second factor the password opens no session: its token is nobody until it is resumed, once', async () => {
  const { userId, email } = await protectedPerson('pending')
  const { token, isPending } = await signInAt(email, 60)
  assert.equal(isPending, true)
  const authenticated = (of: string) =>
    database.transact((context) => provider.authenticate(context, of), at(61)).then(({ person }) => person)
  assert.equal(await authenticated(token), undefined)
  assert.deepEqual(await database.rows('select 1 from identity.sessions where user_id = $1', [userId]), [])
  const session = await resumeAt(userId, token, 61)
  assert.notEqual(session.token, token)
  assert.equal(await authenticated(token), undefined)
  assert.equal((await authenticated(session.token))?.signIn.hasSecondFactor, true)
  await assert.rejects(resumeAt(userId, token, 62), failing('identity.sign_in_expired'))
})

test('a sign-in waits for ten minutes, and for its own person only', async () => {
  const { userId, email } = await protectedPerson('late')
  const other = await protectedPerson('other')
  const { token } = await signInAt(email, 0)
  await assert.rejects(resumeAt(other.userId, token, 1), failing('identity.sign_in_expired'))
  await assert.rejects(resumeAt(userId, token, 600), failing('identity.sign_in_expired'))
  assert.equal((await resumeAt(userId, token, 599)).userId, userId)
})

test('a password reset neither takes the second factor away nor lets a waiting sign-in go on', async () => {
  const { userId, email } = await protectedPerson('reset')
  const { token } = await signInAt(email, 0)
  const letter = await database.transact((context) => provider.requestPasswordReset(context, { email }), at(1))
  const chosen = { token: tokenOf(letter), password: 'four unrelated words' }
  await database.transact((context) => provider.resetPassword(context, chosen), at(2))
  await assert.rejects(resumeAt(userId, token, 3), failing('identity.sign_in_expired'))
  assert.equal((await signInAt(email, 4, chosen.password)).isPending, true)
})

test('a reset that is under way while a sign-in is resumed ends it, whichever commits first', async () => {
  const { userId, email } = await protectedPerson('race')
  for (let round = 0; round < 5; round += 1) {
    const chosen = `four unrelated words ${round}`
    const { token } = await signInAt(email, 0, round === 0 ? password : `four unrelated words ${round - 1}`)
    const letter = await database.transact((context) => provider.requestPasswordReset(context, { email }), at(1))
    await Promise.allSettled([
      database.transact(
        (context) => provider.resetPassword(context, { token: tokenOf(letter), password: chosen }),
        at(2),
      ),
      resumeAt(userId, token, 2),
    ])
    assert.deepEqual(await database.rows('select id from identity.sessions where user_id = $1', [userId]), [])
  }
})
