import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { demoPassword } from '../../platform/src/demo-people.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'
import { newAddressToken, tokenIn } from './mailed-tokens.ts'
import { addPasskey, proofOf, setUpSecondFactor } from './second-factor.ts'

/** What is done to an account is mailed to its owner. */

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start()
})
after(() => atlas.stop())

const firefox = 'Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0'
const mailsTo = (email: string) => atlas.inbox.delivered.filter(({ to }) => to === email)
const signIn = (email: string, headers: Record<string, string>) =>
  atlas.request('POST', '/api/v1/sessions', { body: { email, password: demoPassword }, headers })

test('whoever adds, changes or removes what opens an account is mailed to its owner', async () => {
  const as = 'viewer@acme.test'
  const { codeIn } = await setUpSecondFactor(atlas, as)
  const said = await atlas.mailTo(as, 'An authenticator app was added to your account, on ')
  assert.match(said, /UTC, from 127\.0\.0\.1\.\n/)
  assert.match(said, /\/account\/security\n/)
  const { id, passkey } = await addPasskey(atlas, as)
  await atlas.mailTo(as, 'A passkey was added')
  const renewed = { as, body: { passkey: await proofOf(atlas, passkey) } }
  await atlas.ask('POST', '/api/v1/me/recovery-codes', renewed)
  await atlas.mailTo(as, 'New recovery codes were made')
  atlas.keepCookie(as, (await atlas.request('DELETE', `/api/v1/me/passkeys/${id}`, { as })).headers)
  await atlas.mailTo(as, 'A passkey was removed')
  const body = { currentPassword: demoPassword, code: codeIn(30) }
  atlas.keepCookie(as, (await atlas.request('POST', '/api/v1/me/second-factor/disable', { as, body })).headers)
  await atlas.mailTo(as, 'The authenticator app was removed')
  const change = { currentPassword: demoPassword, newPassword: 'another long passphrase' }
  await atlas.ask('PUT', '/api/v1/me/password', { as, body: change })
  await atlas.mailTo(as, 'Your password was changed')
})

test('a sign-in with a program that was not seen before is mailed once, in the language of its owner; the first is not', async () => {
  const as = 'owner@globex.test'
  await atlas.ask('PATCH', '/api/v1/me', { as, body: { locale: 'es' } })
  assert.equal((await signIn(as, { 'user-agent': firefox })).status, 201)
  const said = await atlas.mailTo(as, 'Alguien ha entrado en tu cuenta con Firefox, Windows, el ')
  assert.match(said, /\/account\n/)
  await signIn(as, { 'user-agent': firefox.replaceAll('140', '141') })
  await signIn(as, {})
  await atlas.ask('POST', '/api/v1/password-resets', { body: { email: as } })
  await atlas.mailTo(as, '/reset?token=')
  assert.equal(mailsTo(as).filter(({ text }) => text.includes('Alguien ha entrado')).length, 1)
})

test('an account of before that was never seen to sign in is told of the first time, too', async () => {
  const as = 'admin@acme.test'
  await rowsOf(atlas.databases.controlUrl, "update identity.users set created_at = now() - interval '2 days'")
  await atlas.cookieOf(as)
  await until('a mail of a new sign-in', async () =>
    mailsTo(as).some(({ subject }) => subject.startsWith('New sign-in')),
  )
})

const confirm = (token: string) => atlas.request('POST', '/api/v1/email-changes/confirm', { body: { token } })
const undo = (token: string) => atlas.request('POST', '/api/v1/email-changes/undo', { body: { token } })
const codeOf = ({ body }: { body: unknown }) => (body as { code?: string }).code
const cookieIn = ({ headers }: { headers: Headers }) => headers.get('set-cookie')?.split(';', 1)[0] ?? ''
const statusWith = async (cookie: string) => (await atlas.request('GET', '/api/v1/me', { headers: { cookie } })).status

test('a new address holds once its link is opened; the other sessions end, and the link works once', async () => {
  const [as, email] = ['member@acme.test', 'member.new@acme.test']
  const elsewhere = await atlas.cookieOf(as)
  atlas.forgetCookie(as)
  const token = await newAddressToken(atlas, as, email)
  assert.equal((await atlas.ask<{ email: string }>('GET', '/api/v1/me', { as })).email, as, 'not yet')
  assert.equal((await confirm(token)).status, 204)
  assert.equal(codeOf(await confirm(token)), 'identity.mail_token_invalid')
  assert.equal((await atlas.ask<{ email: string }>('GET', '/api/v1/me', { as })).email, email)
  assert.equal(await statusWith(elsewhere), 401)
  assert.equal((await signIn(as, {})).status, 401, 'the old address opens nothing')
  assert.equal((await signIn(email, {})).status, 201)
  const members = { as: 'owner@acme.test', tenant: 'acme' }
  await until('their organisation knows the new address', async () => {
    const { items } = await atlas.ask<{ items: { email: string }[] }>('GET', '/api/v1/members', members)
    return items.some((member) => member.email === email) && !items.some((member) => member.email === as)
  })
})

test('whoever did not change it takes it back: sessions, password and what was added since are gone', async () => {
  const [as, thief] = ['member@acme.test', 'thief@evil.test']
  const email = 'member.new@acme.test'
  const { passkey } = await addPasskey(atlas, as)
  assert.equal((await confirm(await newAddressToken(atlas, as, thief))).status, 204)
  const { passkey: later } = await addPasskey(atlas, as)
  const first = tokenIn(await atlas.mailTo(as, '/undo-address?token='))
  assert.equal((await undo(tokenIn(await atlas.mailTo(email, '/undo-address?token=')))).status, 204)
  assert.equal(await statusWith(await atlas.cookieOf(as)), 401)
  assert.equal((await signIn(email, {})).status, 401, 'the password that the thief knew')
  const withPasskey = async (each: typeof passkey) =>
    atlas.request('POST', '/api/v1/sessions/passkey', { body: { passkey: await proofOf(atlas, each) } })
  assert.equal((await withPasskey(later)).status, 422)
  const signedIn = await withPasskey(passkey)
  assert.equal(signedIn.status, 201, 'the one of before')
  const reset = { token: tokenIn(await atlas.mailTo(email, '/reset?token=')), password: 'another long passphrase' }
  await atlas.ask('POST', '/api/v1/password-resets/complete', { body: reset })
  assert.equal(await statusWith(cookieIn(signedIn)), 401, 'a new password ends all sessions')
  atlas.clock.aheadMs += 72 * 3_600_000
  assert.equal(codeOf(await undo(first)), 'identity.mail_token_invalid', 'three days later')
})

test('an address that somebody has answers alike, is told nothing, and is never taken', async () => {
  const as = 'owner@acme.test'
  atlas.forgetCookie(as)
  const ask = (email: string) => atlas.request('POST', '/api/v1/me/email-changes', { as, body: { email } })
  const [taken, free] = [await ask('owner@globex.test'), await ask('nobody.has@acme.test')]
  assert.deepEqual([taken.status, free.status], [202, 202])
  assert.deepEqual(taken.body, { sentTo: 'owner@globex.test' })
  const token = tokenIn(await atlas.mailTo('nobody.has@acme.test', '/confirm-address?token='))
  assert.equal(mailsTo('owner@globex.test').filter(({ text }) => text.includes('/confirm-address')).length, 0)
  // Somebody signs up with it meanwhile, and is first to confirm it.
  const name = { name: 'Somebody', password: demoPassword }
  await atlas.ask('POST', '/api/v1/accounts', { body: { email: 'nobody.has@acme.test', ...name } })
  const verification = tokenIn(await atlas.mailTo('nobody.has@acme.test', '/verify?token='))
  await atlas.ask('POST', '/api/v1/accounts/verify', { body: { token: verification } })
  assert.equal(codeOf(await confirm(token)), 'identity.mail_token_invalid')
})
