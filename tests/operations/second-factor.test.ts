import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { demoPassword } from '../../platform/src/demo-people.ts'
import { rowsOf } from '../database.ts'
import { type Reply, TestInstallation } from '../installation.ts'
import { askForSecondFactor, setUpSecondFactor } from './second-factor.ts'

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start()
})
after(() => atlas.stop())

const codeOf = ({ body }: Reply) => (body as { code?: string }).code
const verify = (as: string, code: string) => atlas.request('POST', '/api/v1/sessions/verify', { as, body: { code } })
const me = (as: string) => atlas.request('GET', '/api/v1/me', { as })

test('signing in takes two steps: between them the cookie is worth nothing, and afterwards it is another', async () => {
  const as = 'viewer@acme.test'
  const { codeIn } = await setUpSecondFactor(atlas, as)
  assert.equal((await me(as)).status, 200, 'the session that turned it on goes on')
  await askForSecondFactor(atlas, as)
  const waiting = await atlas.cookieOf(as)
  assert.equal(codeOf(await me(as)), 'request.unauthenticated')
  assert.equal(codeOf(await verify(as, '000000')), 'identity.code_wrong')
  const nothing = await atlas.request('POST', '/api/v1/sessions/verify', { as, body: {} })
  assert.equal((nothing.body as { detail: string }).detail, 'Neither a code nor a passkey was sent.')
  const signedIn = await verify(as, codeIn(30))
  assert.equal(signedIn.status, 201, JSON.stringify(signedIn.body))
  assert.match(signedIn.headers.get('set-cookie') ?? '', /HttpOnly; SameSite=Lax/)
  assert.equal((await verify(as, codeIn(30))).status, 401, 'it works once')
  atlas.keepCookie(as, signedIn.headers)
  assert.notEqual(await atlas.cookieOf(as), waiting)
  assert.equal((await me(as)).status, 200)
})

test('a recovery code lets in without the app, once', async () => {
  const as = 'member@acme.test'
  const { recoveryCodes } = await setUpSecondFactor(atlas, as)
  await askForSecondFactor(atlas, as)
  assert.equal((await verify(as, recoveryCodes[3] ?? '')).status, 201)
  await askForSecondFactor(atlas, as)
  assert.equal(codeOf(await verify(as, recoveryCodes[3] ?? '')), 'identity.code_wrong')
  const used = await verify(as, recoveryCodes[4] ?? '')
  atlas.keepCookie(as, used.headers)
  const state = await atlas.ask<{ recoveryCodesLeft: number }>('GET', '/api/v1/me/second-factor', { as })
  assert.equal(state.recoveryCodesLeft, 8)
})

test('codes are guessed ten times, then nobody is let in from there, not even with the right one', async () => {
  const as = 'admin@acme.test'
  const { codeIn } = await setUpSecondFactor(atlas, as)
  const said: (string | undefined)[] = []
  for (let guess = 0; guess < 12; guess += 1) {
    // A right password gives a fresh cookie, and no fresh tries.
    await askForSecondFactor(atlas, as)
    said.push(codeOf(await verify(as, `00000${guess}`.slice(-6))))
  }
  assert.deepEqual(new Set(said.slice(0, 10)), new Set(['identity.code_wrong']))
  assert.deepEqual(said.slice(10), ['request.throttled', 'request.throttled'])
  assert.equal(codeOf(await verify(as, codeIn(30))), 'request.throttled')
})

test('turning it on ends the other sessions, which came in without it', async () => {
  const as = 'owner@globex.test'
  const elsewhere = { cookie: await atlas.cookieOf(as) }
  atlas.forgetCookie(as)
  await setUpSecondFactor(atlas, as)
  assert.equal((await atlas.request('GET', '/api/v1/me', { headers: elsewhere })).status, 401)
})

test('turning it off asks for password and code, and ends the other sessions', async () => {
  const as = 'owner@globex.test'
  atlas.forgetCookie(as)
  await rowsOf(atlas.databases.controlUrl, 'delete from identity.authenticators')
  const { codeIn, recoveryCodes } = await setUpSecondFactor(atlas, as)
  const here = { cookie: await atlas.cookieOf(as) }
  const disable = (currentPassword: string, code: string) =>
    atlas.request('POST', '/api/v1/me/second-factor/disable', { headers: here, body: { currentPassword, code } })
  assert.equal(codeOf(await disable('certainly not this one', codeIn(30))), 'identity.password_wrong')
  assert.equal(codeOf(await disable(demoPassword, '000000')), 'identity.code_wrong')
  await askForSecondFactor(atlas, as)
  atlas.keepCookie(as, (await verify(as, recoveryCodes[0] ?? '')).headers)
  const disabled = await disable(demoPassword, codeIn(30))
  assert.equal(disabled.status, 204, JSON.stringify(disabled.body))
  assert.equal((await me(as)).status, 401, 'the other session')
  assert.equal((await atlas.request('GET', '/api/v1/me', { headers: here })).status, 401, 'the cookie of before')
  atlas.keepCookie(as, disabled.headers)
  assert.equal((await me(as)).status, 200)
  atlas.forgetCookie(as)
  assert.equal((await me(as)).status, 200, 'the password is enough again')
})

test('the audit log says what happened, and holds neither secret nor code', async () => {
  const rows = await rowsOf(
    atlas.databases.controlUrl,
    `select e.event, coalesce(v.before::text, '') || coalesce(v.after::text, '') as said from control.audit_events e
      left join control.audit_values v on (v.tenant_id, v.event_id) = (e.tenant_id, e.id)
      where e.event like 'account.%' or e.event = 'session.started'`,
  )
  const events = new Set(rows.map(({ event }) => event))
  for (const event of ['Enabled', 'Disabled', 'Asked']) assert.ok(events.has(`account.secondFactor${event}`), event)
  assert.ok(rows.some(({ said }) => String(said).includes('recovery_code')))
  for (const { said } of rows) assert.doesNotMatch(String(said), /\b[a-z2-9]{4}(-[a-z2-9]{4}){5}\b|secret/)
})
