import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { TestDatabase } from './database.fixture.ts'
import { type Misbehaviour, SoftwarePasskey } from './passkey.fixture.ts'
import { Passkeys } from './passkeys.ts'
import { createPerson, failing, password, provider } from './people.fixture.ts'
import { SecondFactors } from './second-factors.ts'

let database: TestDatabase
before(async () => {
  database = await TestDatabase.create()
})
after(() => database.drop())

const key = randomBytes(32)
const origin = 'https://app.example.com'
const passkeys = new Passkeys({ key, productName: 'Atlas', publicUrl: origin })
const factors = new SecondFactors(key, 'Atlas')
const refused = failing('identity.passkey_refused')
const startMs = Date.now()
const at = (seconds: number) => ({ now: new Date(startMs + seconds * 1000).toISOString() })

const begin = (userId: string) =>
  database.transact(
    (context) => passkeys.beginRegistration(context, { userId, email: 'ada@acme.test', name: 'Ada' }),
    at(0),
  )
const keep = (userId: string, registration: ReturnType<SoftwarePasskey['register']>, seconds = 0) =>
  database.transact((context) => passkeys.register(context, { userId, name: 'Phone', registration }), at(seconds))
const challenge = (userId?: string, seconds = 0) =>
  database.transact((context) => passkeys.challenge(context, userId), at(seconds))
const verify = (assertion: ReturnType<SoftwarePasskey['prove']>, userId?: string, seconds = 0) =>
  database.transact((context) => passkeys.verify(context, assertion, userId), at(seconds))

async function personWithPasskey(name: string): Promise<{ userId: string; email: string; passkey: SoftwarePasskey }> {
  const email = `${name}@acme.test`
  const userId = await createPerson(database, email)
  const passkey = new SoftwarePasskey(origin)
  await keep(userId, passkey.register(await begin(userId)))
  return { userId, email, passkey }
}

test('a passkey says who signs in, and its use is noted', async () => {
  const { userId, passkey } = await personWithPasskey('ada')
  const options = await challenge()
  assert.deepEqual(options.allowCredentials, [], 'nobody is told who has one')
  assert.equal(await verify(passkey.prove(options)), userId)
  const [shown] = await database.transact((context) => passkeys.list(context, userId))
  assert.equal(shown?.name, 'Phone')
  assert.ok(shown?.lastUsedAt)
  assert.equal((await challenge(userId)).allowCredentials[0]?.id, passkey.id)
})

test('an answer works once, in five minutes, also of two at the same moment', async () => {
  const { passkey } = await personWithPasskey('bea')
  const proof = passkey.prove(await challenge())
  const both = await Promise.allSettled([verify(proof), verify(proof)])
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
  await assert.rejects(verify(proof), refused)
  const again = await challenge()
  await assert.rejects(verify(passkey.prove(again), undefined, 300), refused)
  await verify(passkey.prove(again), undefined, 299)
  // The count of before alone would refuse the repetition; authenticators that do not count are held by the challenge.
  const uncounted = passkey.prove(await challenge(), { counter: 1_000 })
  await verify(uncounted)
  await database.superuser.query('update identity.passkeys set counter = 0')
  await assert.rejects(verify(uncounted), refused)
})

test('answers for another site, with another challenge, unseen owner or other signature are refused', async () => {
  const { userId, passkey } = await personWithPasskey('cleo')
  const wrong: Record<string, Misbehaviour> = {
    'another site': { origin: 'https://app.example.com.evil.test' },
    'the site without TLS': { origin: 'http://app.example.com' },
    'a page inside another site': { crossOrigin: true },
    'another site of the authenticator': { rpId: 'evil.test' },
    'a challenge of nobody': { challenge: randomBytes(52).toString('base64url') },
    'no challenge': { challenge: '' },
    'a challenge to make a passkey': { challenge: (await begin(userId)).challenge },
    'an owner who was not seen': { userVerified: false },
    'an answer to making one': { type: 'webauthn.create' },
  }
  for (const [what, misbehaviour] of Object.entries(wrong)) {
    await assert.rejects(verify(passkey.prove(await challenge(), misbehaviour)), refused, what)
  }
  const stranger = new SoftwarePasskey(origin)
  await assert.rejects(verify(stranger.prove(await challenge())), refused, 'a passkey of nobody')
  const forged = { ...stranger.prove(await challenge()), id: passkey.id }
  await assert.rejects(verify(forged), refused, 'the signature of another passkey')
  const garbled = { ...passkey.prove(await challenge()), clientDataJSON: 'bm90IEpTT04' }
  await assert.rejects(verify(garbled), refused, 'no JSON')
  const otherKey = new Passkeys({ key: randomBytes(32), productName: 'Atlas', publicUrl: origin })
  const foreign = await database.transact((context) => otherKey.challenge(context, undefined))
  await assert.rejects(verify(passkey.prove(foreign)), refused, 'a challenge of another installation')
})

test('one that counts backwards was copied, and is refused', async () => {
  const { passkey } = await personWithPasskey('dora')
  await verify(passkey.prove(await challenge(), { counter: 20 }))
  await assert.rejects(verify(passkey.prove(await challenge(), { counter: 20 })), refused)
  await assert.rejects(verify(passkey.prove(await challenge(), { counter: 7 })), refused)
  await verify(passkey.prove(await challenge(), { counter: 21 }))
})

test('a passkey proves its own person only, and is added for the person who asked only', async () => {
  const [eve, fay] = [await personWithPasskey('eve'), await personWithPasskey('fay')]
  await assert.rejects(verify(eve.passkey.prove(await challenge(fay.userId)), fay.userId), refused)
  const phone = new SoftwarePasskey(origin)
  const asked = phone.register(await begin(eve.userId))
  await assert.rejects(keep(fay.userId, asked), refused)
  await assert.rejects(keep(eve.userId, asked, 301), refused, 'too late')
  await keep(eve.userId, asked)
  await assert.rejects(keep(eve.userId, asked), refused, 'twice')
  const registered = phone.register(await begin(fay.userId))
  await assert.rejects(keep(fay.userId, registered), refused, 'a passkey that somebody has')
  const elsewhere = new SoftwarePasskey('https://evil.test')
  await assert.rejects(keep(fay.userId, elsewhere.register(await begin(fay.userId))), refused)
  const removed = await database.transact((context) => passkeys.list(context, eve.userId))
  for (const { id } of removed) {
    const taken = await database.transact((context) => passkeys.remove(context, { userId: fay.userId, id }))
    assert.equal(taken, undefined, 'nobody removes what is not theirs')
  }
})

test('whoever has a passkey is asked for a second factor after the password, also without an app', async () => {
  const { userId, email } = await personWithPasskey('gina')
  const signIn = await database.transact((context) => provider.signIn(context, { email, password }))
  assert.equal(signIn.isPending, true)
  const codes = await database.transact((context) => factors.renewRecoveryCodes(context, userId))
  await assert.rejects(
    database.transact((context) => factors.prove(context, userId, '123456')),
    failing('identity.authenticator_missing'),
  )
  assert.equal(await database.transact((context) => factors.prove(context, userId, codes[0] ?? '')), 'recovery_code')
})

test('an account has at most twenty', async () => {
  const { userId } = await personWithPasskey('hana')
  const copies = `insert into identity.passkeys (id, user_id, credential_id, public_key, counter, transports, name, created_at)
    select gen_random_uuid(), $1, 'copy' || n, 'x', 0, '{}', 'Copy', now() from generate_series(1, 19) n`
  const spare = new SoftwarePasskey(origin)
  const registered = spare.register(await begin(userId))
  await database.superuser.query(copies, [userId])
  await assert.rejects(begin(userId), failing('identity.passkeys_full'))
  await assert.rejects(keep(userId, registered), failing('identity.passkeys_full'))
})

test('at a loopback address a page may be at any port, but at localhost only', async () => {
  const local = new Passkeys({ key, productName: 'Atlas', publicUrl: 'http://127.0.0.1:3000' })
  const userId = await createPerson(database, 'ines@acme.test')
  const passkey = new SoftwarePasskey('http://localhost:4321')
  const options = await database.transact((context) =>
    local.beginRegistration(context, { userId, email: 'ines@acme.test', name: 'Ines' }),
  )
  assert.equal(options.rp.id, 'localhost')
  const add = (wrong: Misbehaviour) =>
    database.transact((context) =>
      local.register(context, { userId, name: 'Phone', registration: passkey.register(options, wrong) }),
    )
  for (const foreign of ['http://localhost.evil.test', 'http://evil.test:3000', 'https://localhost@evil.test'])
    await assert.rejects(add({ origin: foreign }), refused, foreign)
  await add({})
})
