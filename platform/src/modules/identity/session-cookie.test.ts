import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SessionCookie } from './session-cookie.ts'
import { newToken } from './session-token.ts'

const token = newToken()
const session = { token, expiresAt: '2026-12-21T08:00:00.000Z' }
const now = '2026-11-21T08:00:00.000Z'

test('on https the cookie is __Host- prefixed, Secure, HttpOnly and SameSite', () => {
  const cookie = new SessionCookie(new URL('https://app.acme.test'))
  assert.equal(
    cookie.keep(session, now),
    `__Host-tenantry_session=${token}; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax; Secure`,
  )
  assert.equal(cookie.forget(), '__Host-tenantry_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure')
})

test('on http it has a plain name, and only loopback may use it', () => {
  for (const origin of ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000']) {
    const cookie = new SessionCookie(new URL(origin))
    assert.equal(
      cookie.keep(session, now),
      `tenantry_session=${token}; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax`,
    )
  }
  for (const origin of ['http://app.acme.test', 'http://192.0.2.7:3000', 'ftp://localhost']) {
    assert.throws(() => new SessionCookie(new URL(origin)), /must be on https/)
  }
})

test('a token is read from among other cookies', () => {
  const cookie = new SessionCookie(new URL('https://app.acme.test'))
  assert.equal(cookie.read(`theme=dark; __Host-tenantry_session=${token}; a=b=c`), token)
  assert.equal(cookie.read(`__Host-tenantry_session=${token}`), token)
})

test('nothing else is taken for one', () => {
  const cookie = new SessionCookie(new URL('https://app.acme.test'))
  const headers = [
    undefined,
    '',
    'theme=dark',
    `tenantry_session=${token}`,
    '__Host-tenantry_session',
    '__Host-tenantry_session=',
    `__Host-tenantry_session="${token}"`,
    `__Host-tenantry_session=${token}x`,
    `__Host-tenantry_session=${"'".repeat(43)}`,
    `__Host-tenantry_session=${token}; __Host-tenantry_session=${newToken()}`,
    `x__Host-tenantry_session=${token}`,
  ]
  for (const header of headers) assert.equal(cookie.read(header), undefined, header)
})
