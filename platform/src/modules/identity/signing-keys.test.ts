import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, type TestContext, test } from 'node:test'
import { jwtVerify } from 'jose'
import { newKey, TestIssuer } from './issuer.fixture.ts'
import { failing } from './people.fixture.ts'
import { SigningKeys } from './signing-keys.ts'

const minute = 60_000
const running: TestIssuer[] = []
after(() => Promise.all(running.map((issuer) => issuer.stop())))

async function startIssuer(kid: string): Promise<TestIssuer> {
  const issuer = new TestIssuer([await newKey('ES256', kid)])
  await issuer.start()
  running.push(issuer)
  return issuer
}

/** Keys of an issuer on a clock that the test moves. */
function keysOf(issuer: TestIssuer) {
  const clock = { nowMs: 1_000_000 }
  const keys = new SigningKeys(issuer.url, () => clock.nowMs)
  const verify = async (token: string) => (await jwtVerify(token, keys.find)).payload.sub
  return { clock, verify }
}

/** The issuer comes back with other keys. */
async function rotate(issuer: TestIssuer, kid: string): Promise<void> {
  await issuer.stop()
  issuer.keys = [await newKey('ES256', kid), ...issuer.keys]
  await issuer.start()
}

const unknownKey = { code: 'ERR_JWKS_NO_MATCHING_KEY' }

test('many tokens at the same moment ask the issuer once', async () => {
  const issuer = await startIssuer('a')
  const { verify } = keysOf(issuer)
  const token = await issuer.forge({})
  await Promise.all(Array.from({ length: 200 }, () => verify(token)))
  assert.equal(issuer.keyRequests, 1)
})

test('an unknown key makes the keys be fetched again, but not more often than every 30 seconds', async () => {
  const issuer = await startIssuer('a')
  const { clock, verify } = keysOf(issuer)
  await verify(await issuer.forge({}))
  const stranger = new TestIssuer([await newKey('ES256', 'unknown')])
  const forged = await stranger.forge({})
  clock.nowMs += 29_000
  await assert.rejects(verify(forged), unknownKey)
  assert.equal(issuer.keyRequests, 1)
  clock.nowMs += 2_000
  await Promise.all(Array.from({ length: 100 }, () => assert.rejects(verify(forged), unknownKey)))
  assert.equal(issuer.keyRequests, 2, 'a hundred unknown keys cost one request')
})

test('a new key of the issuer is accepted as soon as a token names it', async () => {
  const issuer = await startIssuer('old')
  const { clock, verify } = keysOf(issuer)
  const oldToken = await issuer.forge({})
  await verify(oldToken)
  await rotate(issuer, 'new')
  clock.nowMs += minute
  await verify(await issuer.forge({}, 'new'))
  await verify(oldToken)
})

test('a key that the issuer has withdrawn is refused once the keys have been read again', async () => {
  const issuer = await startIssuer('stolen')
  const { clock, verify } = keysOf(issuer)
  const stolen = await issuer.forge({})
  await verify(stolen)
  await rotate(issuer, 'new')
  issuer.keys = issuer.keys.slice(0, 1)
  await issuer.stop()
  await issuer.start()
  clock.nowMs += 11 * minute
  // The keys are read in the background, so the first tokens may still meet the old ones.
  const giveUpAtMs = Date.now() + 5_000
  while ((await verify(stolen).catch(() => 'refused')) !== 'refused') {
    assert.ok(Date.now() < giveUpAtMs, 'the withdrawn key is still accepted')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await assert.rejects(verify(stolen), unknownKey)
})

test('while the issuer is down its last keys go on being used, for a day and no longer', async () => {
  const issuer = await startIssuer('a')
  const { clock, verify } = keysOf(issuer)
  const token = await issuer.forge({})
  await verify(token)
  await issuer.stop()
  for (const hours of [1, 12, 23.9]) {
    clock.nowMs = 1_000_000 + hours * 60 * minute
    assert.equal(await verify(token), 'ada', `${hours} hours`)
  }
  clock.nowMs = 1_000_000 + 24.1 * 60 * minute
  await assert.rejects(verify(token), failing('identity.issuer_unreachable'))
  await issuer.start()
  clock.nowMs += minute
  assert.equal(await verify(token), 'ada', 'and it recovers by itself')
})

/** A server that answers like no issuer should, until the test is over. Returns its origin. */
async function serve(test: TestContext, answer: (own: string) => object | undefined): Promise<string> {
  let own = ''
  const server = createServer((_, response) => {
    const body = answer(own)
    response.writeHead(body ? 200 : 500).end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  test.after(() => {
    server.close()
    server.closeAllConnections()
  })
  own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return own
}

async function tokenOfStranger(): Promise<string> {
  return new TestIssuer([await newKey('ES256', 'a')]).forge({})
}

test('an issuer that was never reached is said to be unreachable, and is not asked for every token', async (t) => {
  let requests = 0
  const keys = new SigningKeys(
    await serve(t, () => {
      requests += 1
      return undefined
    }),
  )
  const token = await tokenOfStranger()
  for (let round = 0; round < 5; round += 1) {
    await assert.rejects(jwtVerify(token, keys.find), failing('identity.issuer_unreachable'))
  }
  assert.equal(requests, 1)
})

const answers: Record<string, (own: string) => object> = {
  'that calls itself by another name': (own) => ({ issuer: 'https://issuer.example', jwks_uri: `${own}/jwks` }),
  'that has its keys on plain http elsewhere': (own) => ({ issuer: own, jwks_uri: 'http://keys.example/jwks' }),
  'that names no keys': (own) => ({ issuer: own }),
  'that answers without end': (own) => ({
    issuer: own,
    jwks_uri: `${own}/jwks`,
    keys: [],
    padding: 'x'.repeat(600_000),
  }),
}
for (const [what, answer] of Object.entries(answers)) {
  test(`an issuer ${what} is not trusted`, async (t) => {
    const keys = new SigningKeys(await serve(t, answer))
    const verified = jwtVerify(await tokenOfStranger(), keys.find)
    await assert.rejects(verified, failing('identity.issuer_unreachable'))
  })
}
