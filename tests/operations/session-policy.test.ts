import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { demoPassword } from '../../platform/src/demo-people.ts'
import { rowsOf } from '../database.ts'
import { type Reply, TestInstallation } from '../installation.ts'
import { until } from '../until.ts'
import { setUpSecondFactor } from './second-factor.ts'

/** What a tenant may ask of its people's sessions, and what the platform asks before something grave. */

const owner = { as: 'owner@acme.test', tenant: 'acme' }
const member = { as: 'member@acme.test', tenant: 'acme' }
const minuteMs = 60_000
const hourMs = 60 * minuteMs

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start()
})
after(() => atlas.stop())
afterEach(async () => {
  atlas.clock.aheadMs = 0
  const open = 'update control.tenants set mfa_required = false, idle_timeout_minutes = null, session_max_hours = null'
  await rowsOf(atlas.databases.controlUrl, open)
  atlas.installation.gates.forget()
})

const codeOf = ({ body }: Reply) => (body as { code?: string }).code
const read = (who: { as: string; tenant: string }) => atlas.request('GET', '/api/v1/projects', who)
const signInAnew = (...people: { as: string }[]) => {
  for (const { as } of people) atlas.forgetCookie(as)
}

async function ask(policy: object): Promise<void> {
  const body = { mfaRequired: false, idleTimeoutMinutes: null, sessionMaxHours: null, ...policy }
  await atlas.ask('PUT', '/api/v1/session-policy', { ...owner, body })
}

async function proveAgain(as: string): Promise<void> {
  const body = { currentPassword: demoPassword }
  const reply = await atlas.request('POST', '/api/v1/sessions/step-up', { as, body })
  assert.equal(reply.status, 204, JSON.stringify(reply.body))
  atlas.keepCookie(as, reply.headers)
}

test('a session older than the tenant allows is refused there, and there only; a new one is served', async () => {
  signInAnew(owner, member)
  await read(member)
  await ask({ sessionMaxHours: 2 })
  atlas.clock.aheadMs = 2 * hourMs - minuteMs
  assert.equal((await read(member)).status, 200)
  atlas.clock.aheadMs = 2 * hourMs + minuteMs
  const refused = await read(member)
  assert.deepEqual([refused.status, codeOf(refused)], [403, 'tenant.session_too_old'])
  assert.equal((await atlas.request('GET', '/api/v1/me', member)).status, 200)
  signInAnew(member)
  assert.equal((await read(member)).status, 200)
})

test('a session left alone for longer than the tenant allows is refused there; one in use goes on', async () => {
  signInAnew(owner, member)
  await read(member)
  await ask({ idleTimeoutMinutes: 10 })
  const seen = async () => {
    const rows = await rowsOf(
      atlas.databases.controlUrl,
      `select max(seen_at) as at from identity.sessions s join identity.users u on u.id = s.user_id where u.email = $1`,
      [member.as],
    )
    return rows[0]?.['at'] as Date | null
  }
  for (const minutes of [8, 16, 24]) {
    atlas.clock.aheadMs = minutes * minuteMs
    atlas.installation.gates.forget()
    assert.equal((await read(member)).status, 200, `${minutes} minutes`)
    const since = Date.now() + atlas.clock.aheadMs - minuteMs
    await until('the use was noted', async () => ((await seen())?.getTime() ?? 0) > since)
  }
  atlas.clock.aheadMs = 35 * minuteMs
  atlas.installation.gates.forget()
  assert.equal(codeOf(await read(member)), 'tenant.session_too_old')
})

test('only members learn what a tenant asks for, and a key is not asked', async () => {
  signInAnew(owner)
  const body = { name: 'A program', scopes: ['project:read'] }
  const { key } = await atlas.ask<{ key: string }>('POST', '/api/v1/keys', { ...owner, body })
  await ask({ sessionMaxHours: 1 })
  atlas.clock.aheadMs = 2 * hourMs
  assert.equal((await atlas.request('GET', '/api/v1/projects', { as: key })).status, 200)
  assert.equal(codeOf(await read({ as: 'owner@globex.test', tenant: 'acme' })), 'tenant.not_found')
})

test('whoever has no second factor cannot ask others for one, and a viewer can ask for nothing', async () => {
  signInAnew(owner)
  const body = { mfaRequired: true, idleTimeoutMinutes: null, sessionMaxHours: null }
  const put = (who: object) => atlas.request('PUT', '/api/v1/session-policy', { ...who, body })
  assert.equal(codeOf(await put(owner)), 'tenant.mfa_required')
  assert.equal(codeOf(await put({ as: 'viewer@acme.test', tenant: 'acme' })), 'request.forbidden')
})

test('what is grave asks for a proof of the last ten minutes, and goes on after it', async () => {
  signInAnew(owner)
  const create = (name: string) =>
    atlas.request('POST', '/api/v1/keys', { ...owner, body: { name, scopes: ['project:read'] } })
  assert.equal((await create('At once')).status, 201)
  atlas.clock.aheadMs = 11 * minuteMs
  const refused = await create('Later')
  assert.deepEqual([refused.status, codeOf(refused)], [403, 'session.step_up_required'])
  const wrong = { currentPassword: 'certainly not this one' }
  const denied = await atlas.request('POST', '/api/v1/sessions/step-up', { as: owner.as, body: wrong })
  assert.equal(codeOf(denied), 'identity.password_wrong')
  const before = { cookie: await atlas.cookieOf(owner.as) }
  await proveAgain(owner.as)
  assert.equal((await create('Later')).status, 201)
  assert.equal((await atlas.request('GET', '/api/v1/me', { headers: before })).status, 401, 'the cookie of before')
})

test('a tenant that asks for a second factor refuses who came in without, until they set one up', async () => {
  signInAnew(owner, member)
  await setUpSecondFactor(atlas, owner.as)
  await ask({ mfaRequired: true })
  assert.equal((await read(owner)).status, 200)
  const refused = await read(member)
  assert.deepEqual([refused.status, codeOf(refused)], [403, 'tenant.mfa_required'])
  const { codeIn } = await setUpSecondFactor(atlas, member.as)
  assert.equal((await read(member)).status, 200)
  atlas.clock.aheadMs = 11 * minuteMs
  const body = { currentPassword: demoPassword }
  const byPassword = await atlas.request('POST', '/api/v1/sessions/step-up', { as: member.as, body })
  assert.equal(codeOf(byPassword), 'identity.code_wrong', 'the password alone proves nothing any more')
  const byCode = { as: member.as, body: { code: codeIn(0) } }
  assert.equal((await atlas.request('POST', '/api/v1/sessions/step-up', byCode)).status, 204)
})
