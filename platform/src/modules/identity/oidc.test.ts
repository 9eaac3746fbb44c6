import assert from 'node:assert/strict'
import { createHmac, createPublicKey } from 'node:crypto'
import { after, before, test } from 'node:test'
import { importJWK, type JWTPayload, SignJWT } from 'jose'
import { TestDatabase } from './database.fixture.ts'
import { audience, newKey, TestIssuer } from './issuer.fixture.ts'
import { OidcProvider } from './oidc.ts'
import { createPerson, failing, provider as ownAccounts, password, signUp } from './people.fixture.ts'
import type { IdentityProvider, Person } from './provider.ts'

let database: TestDatabase
let issuer: TestIssuer
let provider: OidcProvider
before(async () => {
  database = await TestDatabase.create()
  const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA']
  issuer = new TestIssuer(await Promise.all(algorithms.map((alg) => newKey(alg, alg))))
  await issuer.start()
  provider = new OidcProvider({ issuer: issuer.url, audience })
})
after(async () => {
  await issuer.stop()
  await database.drop()
})

const authenticate = (token: string) => database.transact((context) => provider.authenticate(context, token))
const settle = (token: string) => database.transact((context) => provider.settle(context, token))
const vouched = (email: string, name = 'Ada') => ({ email, email_verified: true, name })

test('a token of the issuer, got by signing in there, makes a person at first sight and is the same person ever after', async () => {
  issuer.people['ada'] = vouched('Ada@Acme.test', 'Ada Lovelace')
  const token = await issuer.accessToken('ada')
  assert.deepEqual(await authenticate(token), { person: undefined, writeDue: true })
  const { signIn, ...person } = (await settle(token)) as Person
  assert.deepEqual(person, { userId: person.userId, email: 'ada@acme.test', name: 'Ada Lovelace', locale: 'en' })
  assert.equal(signIn.hasSecondFactor, false)
  assert.match(person.userId, /^[0-9a-f]{8}-[0-9a-f]{4}-7/)
  const later = await issuer.accessToken('ada')
  assert.notEqual(later, token)
  const again = await authenticate(later)
  assert.deepEqual([again.person?.userId, again.writeDue], [person.userId, false])
})

test('a token says when and how its person came in; one that does not say when counts from its own age', async () => {
  await settle(await issuer.forge({ sub: 'facts', ...vouched('facts@acme.test') }))
  const factsOf = async (claims: JWTPayload) =>
    (await authenticate(await issuer.forge({ sub: 'facts', ...claims }))).person?.signIn
  const now = seconds()
  const at = (ago: number) => new Date((now - ago) * 1000).toISOString()
  const [began, issued] = [{ auth_time: now - 3_600 }, { iat: now - 60 }]
  const told = { startedAt: at(3_600), seenAt: at(60), provedAt: at(3_600), isConsole: false }
  assert.deepEqual(await factsOf({ ...began, ...issued, amr: ['pwd', 'otp'] }), { ...told, hasSecondFactor: true })
  const untold = { startedAt: at(60), seenAt: at(60), provedAt: at(60), isConsole: false }
  assert.deepEqual(await factsOf({ ...issued, amr: ['pwd'] }), { ...untold, hasSecondFactor: false })
  assert.equal((await factsOf({ ...issued, amr: 'mfa', auth_time: 1e300 }))?.hasSecondFactor, false)
})

test('every allowed algorithm is understood', async () => {
  await settle(await issuer.forge({ sub: 'algorithms', ...vouched('algorithms@acme.test') }))
  for (const { kid } of issuer.keys) {
    const { person } = await authenticate(await issuer.forge({ sub: 'algorithms' }, kid))
    assert.equal(person?.email, 'algorithms@acme.test', kid)
  }
})

const seconds = () => Math.floor(Date.now() / 1000)
const refusedClaims: Record<string, () => JWTPayload> = {
  'another audience': () => ({ aud: 'https://other.acme.test' }),
  'no audience': () => ({ aud: undefined }),
  'another issuer': () => ({ iss: 'https://issuer.example' }),
  'the issuer with a slash': () => ({ iss: `${issuer.url}/` }),
  'no issuer': () => ({ iss: undefined }),
  'a time that is over': () => ({ exp: seconds() - 61 }),
  'a time that has not begun': () => ({ nbf: seconds() + 90 }),
  'no end': () => ({ exp: undefined }),
  'an end that is no number': () => ({ exp: '9999999999' as unknown as number }),
  'no subject': () => ({ sub: undefined }),
  'an empty subject': () => ({ sub: '' }),
  'a subject without end': () => ({ sub: 'a'.repeat(256) }),
}
for (const [what, claims] of Object.entries(refusedClaims)) {
  test(`a token with ${what} is refused`, async () => {
    const token = await issuer.forge(claims())
    await assert.rejects(authenticate(token), failing('identity.token_refused'))
    await assert.rejects(settle(token), failing('identity.token_refused'))
  })
}

test('clocks may differ by a minute', async () => {
  await settle(await issuer.forge({ sub: 'clocks', ...vouched('clocks@acme.test') }))
  for (const claims of [{ exp: seconds() - 50 }, { nbf: seconds() + 50 }, { iat: seconds() + 50 }]) {
    assert.ok((await authenticate(await issuer.forge({ sub: 'clocks', ...claims }))).person, JSON.stringify(claims))
  }
})

const base64url = (text: string | Buffer) => Buffer.from(text).toString('base64url')

test('a token without a signature is refused', async () => {
  const [, claims] = (await issuer.forge({})).split('.')
  for (const alg of ['none', 'None', 'NONE', '']) {
    const header = base64url(JSON.stringify({ alg, typ: 'at+jwt' }))
    await assert.rejects(authenticate(`${header}.${claims}.`), failing('identity.token_refused'), alg)
  }
})

test('a token signed with the public key as a shared secret is refused', async () => {
  const [, claims] = (await issuer.forge({})).split('.')
  const { n, e, kty } = issuer.keys[0] as { n: string; e: string; kty: string }
  const publicKey = createPublicKey({ key: { n, e, kty }, format: 'jwk' })
  for (const secret of [
    publicKey.export({ type: 'spki', format: 'pem' }),
    publicKey.export({ type: 'spki', format: 'der' }),
    JSON.stringify(publicKey.export({ format: 'jwk' })),
    n,
  ]) {
    const signed = `${base64url(JSON.stringify({ alg: 'HS256', kid: 'RS256' }))}.${claims}`
    const token = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
    await assert.rejects(authenticate(token), failing('identity.token_refused'))
  }
})

test('an algorithm that is not on the list is refused, also when the key would fit', async () => {
  const key = issuer.keys[0]
  assert.ok(key)
  const claims = { iss: issuer.url, aud: audience, sub: 'ada', exp: seconds() + 600 }
  for (const alg of ['RS384', 'RS512']) {
    const token = await new SignJWT(claims).setProtectedHeader({ alg, kid: 'RS256' }).sign(await importJWK(key, alg))
    await assert.rejects(authenticate(token), failing('identity.token_refused'), alg)
  }
})

test('a changed, cut or meaningless token is refused', async () => {
  const token = await issuer.forge({ sub: 'ada' })
  const [header, , signature] = token.split('.') as [string, string, string]
  const claims = base64url(JSON.stringify({ iss: issuer.url, aud: audience, sub: 'eve', exp: seconds() + 600 }))
  const changed = [
    `${header}.${claims}.${signature}`,
    token.slice(0, -10),
    `${token}AAAA`,
    `${token}.x`,
    token.replace('.', ''),
    '',
    'x',
    'a.b.c',
    '..',
    '\0.\0.\0',
    `${header}..${signature}`,
    'a'.repeat(100_000),
  ]
  for (const each of changed)
    await assert.rejects(authenticate(each), failing('identity.token_refused'), each.slice(0, 80))
})

test('a key of somebody else under a known name is refused', async () => {
  const stranger = new TestIssuer([await newKey('RS256', 'RS256')])
  const token = await stranger.forge({ iss: issuer.url })
  await assert.rejects(authenticate(token), failing('identity.token_refused'))
})

test('somebody new needs an address that the issuer has verified', async () => {
  const refused = [
    {},
    { email: 'new@acme.test' },
    { email: 'new@acme.test', email_verified: false },
    { email_verified: true },
    { email: 'new@acme.test', email_verified: 'true' },
    { email: 'no address', email_verified: true },
    { email: ['new@acme.test'], email_verified: true },
  ]
  for (const claims of refused) {
    const token = await issuer.forge({ sub: 'new', ...claims })
    await assert.rejects(settle(token), failing('identity.email_unverified'), JSON.stringify(claims))
  }
  assert.deepEqual(await database.rows("select id from identity.users where email = 'new@acme.test'"), [])
})

test('many first requests at the same moment make one person', async () => {
  const token = await issuer.forge({ sub: 'crowd', ...vouched('crowd@acme.test') })
  const people = await Promise.all(Array.from({ length: 10 }, () => settle(token)))
  assert.equal(new Set(people.map((person) => person?.userId)).size, 1)
  const accounts = await database.rows("select account_id from identity.accounts where account_id = 'crowd'")
  assert.equal(accounts.length, 1)
})

test('somebody who has confirmed the address here before is the same person', async () => {
  const userId = await createPerson(database, 'moved@acme.test')
  const person = await settle(await issuer.forge({ sub: 'moved', ...vouched('moved@acme.test', 'Other Name') }))
  assert.deepEqual([person?.userId, person?.email, person?.name], [userId, 'moved@acme.test', 'Ada'])
})

test('somebody who only typed the address into a form keeps nothing of it', async () => {
  const { userId, token } = await signUp(database, 'squatted@acme.test', 'the squatters words')
  const person = await settle(await issuer.forge({ sub: 'rightful', ...vouched('squatted@acme.test') }))
  assert.notEqual(person?.userId, userId)
  const verified = database.transact((context) => ownAccounts.verifyEmail(context, { token }))
  await assert.rejects(verified, failing('identity.mail_token_invalid'))
  assert.deepEqual(await database.rows('select id from identity.accounts where user_id = $1', [userId]), [])
})

test("an address given to somebody else at the issuer does not open the earlier owner's account", async () => {
  await settle(await issuer.forge({ sub: 'left-the-company', ...vouched('reused@acme.test') }))
  const successor = await issuer.forge({ sub: 'successor', ...vouched('reused@acme.test') })
  await assert.rejects(settle(successor), failing('identity.email_taken'))
})

test('a changed address at the issuer does not change who somebody is', async () => {
  const person = await settle(await issuer.forge({ sub: 'married', ...vouched('maiden@acme.test') }))
  const later = await authenticate(await issuer.forge({ sub: 'married', ...vouched('married@acme.test') }))
  assert.deepEqual(later, { person, writeDue: false })
})

test('a name that is no line of text is replaced by the address', async () => {
  for (const [subject, name] of [
    ['n1', 'two\nlines'],
    ['n2', ''],
    ['n3', 'x'.repeat(101)],
    ['n4', 7],
  ] as const) {
    const claims = { sub: subject, email: `${subject}@acme.test`, email_verified: true, name }
    assert.equal((await settle(await issuer.forge(claims)))?.name, `${subject}@acme.test`)
  }
})

test('what the issuer does is not done here', async () => {
  const outside: IdentityProvider = provider
  await database.transact(async (context) => {
    const person = {
      userId: 'x',
      sessionId: 'y',
      email: 'ada@acme.test',
      token: 'z',
      password,
      name: 'Ada',
      locale: 'en' as const,
    }
    const refused = [
      outside.signUp(context, person),
      outside.signIn(context, person),
      outside.requestVerification(context, person),
      outside.verifyEmail(context, person),
      outside.requestPasswordReset(context, person),
      outside.resetPassword(context, person),
      outside.changePassword(context, {
        userId: 'x',
        currentPassword: password,
        newPassword: password,
        hasSecondFactor: false,
      }),
      outside.sessions(context, person),
      outside.revokeSession(context, person),
      outside.revokeOtherSessions(context, person),
    ]
    for (const outcome of refused) await assert.rejects(outcome, failing('identity.external'))
  })
})

test('an issuer must be on https, or on loopback', () => {
  for (const url of ['http://issuer.example', 'ftp://issuer.example', 'issuer.example']) {
    assert.throws(() => new OidcProvider({ issuer: url, audience }))
  }
})
