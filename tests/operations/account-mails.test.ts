import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { demoPassword } from '../../platform/src/demo-people.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'
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
  await until('a mail of a new sign-in', async () => mailsTo(as).some(({ subject }) => /^New sign-in/.test(subject)))
})
