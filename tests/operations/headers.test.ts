import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TestInstallation } from '../installation.ts'

/** What a browser is told about each kind of answer. */

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start({ web: true })
})
after(() => atlas.stop())

const policyOf = (headers: Headers) => headers.get('content-security-policy') ?? ''

test('an answer of the API is kept by nobody and read as nothing but what it says it is', async () => {
  const asking = { as: 'owner@acme.test', tenant: 'acme' }
  for (const path of ['/api/v1/projects', '/api/v1/me', '/api/v1/nowhere', '/api/v1/projects/none']) {
    const { headers } = await atlas.request('GET', path, asking)
    assert.equal(headers.get('cache-control'), 'no-store', path)
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path)
    assert.match(headers.get('content-type') ?? '', /^application\/(problem\+)?json; charset=utf-8$/, path)
    assert.match(headers.get('x-request-id') ?? '', /^[\w.-]{8,128}$/, path)
  }
})

test('a page runs and shows only what comes from here, and nobody can frame it', async () => {
  for (const path of ['/', '/sign-in', '/o/acme/projects', '/api/v1/docs/', '/docs/errors', '/dev/inbox']) {
    const { status, headers } = await atlas.request('GET', path)
    assert.equal(status, 200, path)
    const policy = policyOf(headers)
    assert.match(policy, /default-src '(self|none)'/, path)
    assert.match(policy, /frame-ancestors 'none'/, path)
    assert.match(policy, /base-uri 'none'/, path)
    assert.doesNotMatch(policy, /unsafe|https?:|\*/, path)
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path)
  }
})

test('scripts in a page run by their digest or by a nonce of this one answer', async () => {
  const [first, second] = await Promise.all([1, 2].map(() => atlas.request('GET', '/api/v1/docs/')))
  const nonces = [first, second].map(
    (reply) => /'nonce-([\w-]{20,})'/.exec(policyOf(reply?.headers ?? new Headers()))?.[1],
  )
  assert.ok(nonces[0] !== undefined && nonces[0] !== nonces[1])
  const scripts = String(first?.body).match(/<script[^>]*>/g) ?? []
  assert.ok(scripts.length > 0 && scripts.every((script) => script.includes(`nonce="${nonces[0]}"`)))
  const page = await atlas.request('GET', '/sign-in')
  assert.match(policyOf(page.headers), /script-src 'self' 'sha256-[\w+/]+='/)
})
