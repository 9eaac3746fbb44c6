import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { demoPassword } from '../../platform/src/demo-people.ts'
import { codeShown } from '../../platform/src/modules/identity/authenticator.fixture.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'
import { codeOf, console } from './scene.ts'

/** The staff console has a session of its own, begun with a second factor, and short. */

const staff = 'staff@tenantry.test'
const minuteMs = 60_000

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start({ demo: false })
})
after(() => atlas.stop())

const list = (headers: Record<string, string>) => atlas.request('GET', '/api/v1/staff/tenants', { headers })

/** Through both steps, at the console's door. */
async function signIn(secret: string): Promise<Record<string, string>> {
  const first = await atlas.request('POST', '/api/v1/sessions', {
    body: { email: staff, password: demoPassword },
    headers: console,
  })
  const cookie = cookieIn(first.headers)
  const body = { code: codeShown(secret, Date.now() + atlas.clock.aheadMs) }
  const second = await atlas.request('POST', '/api/v1/sessions/verify', { body, headers: { ...console, cookie } })
  assert.equal(second.status, 201)
  return { ...console, cookie: cookieIn(second.headers) }
}

function cookieIn(headers: Headers): string {
  return headers.get('set-cookie')?.split(';', 1)[0] ?? ''
}

describe('a session of the console', () => {
  let secret: string
  let session: Record<string, string>

  test('is worth nothing to staff without a second factor', async () => {
    const first = await atlas.request('POST', '/api/v1/sessions', {
      body: { email: staff, password: demoPassword },
      headers: console,
    })
    assert.match(first.headers.get('set-cookie') ?? '', /^tenantry_console=.*HttpOnly; SameSite=Strict$/)
    assert.equal(
      codeOf(await list({ ...console, cookie: cookieIn(first.headers) })),
      '403 staff.second_factor_required',
    )
    const begun = await atlas.ask<{ secret: string }>('POST', '/api/v1/me/authenticator', { as: staff })
    secret = begun.secret
    await atlas.ask('POST', '/api/v1/me/authenticator/confirm', {
      as: staff,
      body: { code: codeShown(secret, Date.now()) },
    })
    atlas.clock.aheadMs += minuteMs
    session = await signIn(secret)
    assert.equal((await list(session)).status, 200)
  })

  test('is none of the workspace, and the workspace’s none of it', async () => {
    assert.equal(
      codeOf(await atlas.request('GET', '/api/v1/projects', { tenant: 'acme', headers: session })),
      '404 tenant.not_found',
    )
    const { cookie = '' } = session
    const moved = { cookie: cookie.replace('tenantry_console', 'tenantry_session') }
    assert.equal(codeOf(await list(moved)), '401 request.unauthenticated', 'without the header it is not looked at')
    assert.equal(codeOf(await list({ ...console, ...moved })), '401 request.unauthenticated')
    assert.equal((await atlas.request('GET', '/api/v1/projects', { tenant: 'acme', headers: moved })).status, 404)
  })

  test('is over after half an hour without use, and after twelve hours of it', async () => {
    atlas.clock.aheadMs += 29 * minuteMs
    assert.equal((await list(session)).status, 200)
    await seen()
    atlas.clock.aheadMs += 31 * minuteMs
    atlas.installation.gates.forget()
    assert.equal(codeOf(await list(session)), '401 request.unauthenticated')
    session = await signIn(secret)
    for (let passedMs = 0; passedMs < 12 * 60 * minuteMs; passedMs += 20 * minuteMs) {
      assert.equal((await list(session)).status, 200)
      await seen()
      atlas.clock.aheadMs += 20 * minuteMs
      atlas.installation.gates.forget()
    }
    assert.equal(codeOf(await list(session)), '401 request.unauthenticated')
  })
})

/** The use of a session is noted beside the request. */
async function seen(): Promise<void> {
  const now = Date.now() + atlas.clock.aheadMs
  await until('the use is noted', async () => {
    const [row] = await rowsOf(
      atlas.databases.controlUrl,
      'select max(seen_at) as at from identity.sessions where console',
    )
    return ((row?.['at'] as Date | null)?.getTime() ?? 0) > now - minuteMs
  })
}
