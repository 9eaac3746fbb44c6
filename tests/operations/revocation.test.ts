import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Installation } from '../../platform/src/installation.ts'
import { BetterAuthProvider } from '../../platform/src/modules/identity/better-auth.ts'
import { PasswordHashing } from '../../platform/src/modules/identity/password-hashing.ts'
import { type Served, serve } from '../../platform/src/serve.ts'
import product from '../../product/app.ts'
import { TestInstallation } from '../installation.ts'

/** What is taken back in one process is over in another within a second: the platform's bound. */

const boundMs = 1_000
const owner = { as: 'owner@acme.test', tenant: 'acme' }

let here: TestInstallation
let elsewhere: Installation
let served: Served
before(async () => {
  here = await TestInstallation.start()
  const { log } = here
  elsewhere = new Installation({
    product,
    databases: here.databases.settings,
    identity: new BetterAuthProvider(new PasswordHashing()),
    mailer: here.inbox,
    publicUrl: here.url,
    log,
    demo: true,
  })
  served = await serve({
    installation: elsewhere,
    host: '127.0.0.1',
    port: 0,
    publicUrl: here.url,
    trustedProxies: undefined,
    log,
  })
})
after(async () => {
  await served.close()
  await elsewhere.close()
  await here.stop()
})

/** Asks the other process over and over, from before the change until it refuses. */
async function assertOverInTime(
  path: string,
  headers: Record<string, string>,
  change: () => Promise<unknown>,
  refusal: number,
): Promise<void> {
  const ask = async () => (await fetch(`http://127.0.0.1:${served.port}/api/v1${path}`, { headers })).status
  assert.equal(await ask(), 200)
  await change()
  const changedAtMs = performance.now()
  // A question that was asked in time may be answered by what was true when it was asked.
  let status = 200
  let askedAtMs = changedAtMs
  while (status === 200) {
    askedAtMs = performance.now()
    status = await ask()
    assert.ok(
      status !== 200 || askedAtMs - changedAtMs <= boundMs,
      `still ${status} after ${askedAtMs - changedAtMs} ms`,
    )
    await wait(20)
  }
  assert.equal(status, refusal)
}

async function cookieOf(email: string, headers: Record<string, string> = {}): Promise<string> {
  const body = { email, password: 'demo-password-1' }
  const reply = await here.request('POST', '/api/v1/sessions', { body, headers })
  return reply.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
}

test('a revoked key', async () => {
  const body = { name: 'To be revoked', scopes: ['project:read'] }
  const { id, key } = await here.ask<{ id: string; key: string }>('POST', '/api/v1/keys', { ...owner, body })
  const revoke = () => here.ask('DELETE', `/api/v1/keys/${id}`, owner)
  await assertOverInTime('/projects', { authorization: `Bearer ${key}` }, revoke, 401)
})

test('a service account that was disabled', async () => {
  const { id } = await here.ask<{ id: string }>('POST', '/api/v1/service-accounts', { ...owner, body: { name: 'Bot' } })
  const { items } = await here.ask<{ items: { id: string; name: string }[] }>('GET', '/api/v1/roles', owner)
  const roleId = items.find(({ name }) => name === 'viewer')?.id
  await here.ask('POST', '/api/v1/assignments', { ...owner, body: { principalId: id, roleId } })
  const body = { name: 'Of the bot', serviceAccountId: id }
  const { key } = await here.ask<{ key: string }>('POST', '/api/v1/keys', { ...owner, body })
  const disable = () => here.ask('PATCH', `/api/v1/service-accounts/${id}`, { ...owner, body: { disabled: true } })
  await assertOverInTime('/projects', { authorization: `Bearer ${key}` }, disable, 401)
})

test('a session that was ended', async () => {
  const cookie = await cookieOf('member@acme.test')
  const end = () => here.ask('DELETE', '/api/v1/sessions/current', { headers: { cookie } })
  await assertOverInTime('/me', { cookie }, end, 401)
})

test('a permission that went with a role', async () => {
  const cookie = await cookieOf('admin@acme.test')
  const { items } = await here.ask<{ items: { id: string; email: string }[] }>('GET', '/api/v1/members', owner)
  const id = items.find(({ email }) => email === 'admin@acme.test')?.id
  const demote = () => here.ask('PATCH', `/api/v1/members/${id}`, { ...owner, body: { role: 'viewer' } })
  await assertOverInTime('/keys', { cookie, tenant: 'acme' }, demote, 403)
})

test('a tenant that was suspended', async () => {
  const cookie = await cookieOf('owner@globex.test')
  const { id } = await here.ask<{ id: string }>('GET', '/api/v1/tenant', { as: 'owner@globex.test', tenant: 'globex' })
  const body = { mode: 'blocked', reason: 'To see how fast that is' }
  const suspend = () => here.ask('POST', `/api/v1/staff/tenants/${id}/suspend`, { as: 'staff@tenantry.test', body })
  await assertOverInTime('/projects', { cookie, tenant: 'globex' }, suspend, 403)
})

test('that somebody was staff', async () => {
  const staff = { as: 'staff@tenantry.test' }
  const body = { email: 'viewer@acme.test', reason: 'For a day' }
  const { userId } = await here.ask<{ userId: string }>('POST', '/api/v1/staff', { ...staff, body })
  const console = { 'tenantry-console': '1' }
  const cookie = await cookieOf(body.email, console)
  const dismiss = () =>
    here.ask('POST', `/api/v1/staff/${userId}/dismiss`, { ...staff, body: { reason: 'The day is over' } })
  await assertOverInTime('/staff/tenants', { ...console, cookie }, dismiss, 403)
})
