import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { PasskeyRequestOptions } from '../../platform/src/modules/identity/passkey-model.ts'
import { rowsOf } from '../database.ts'
import { type Reply, TestInstallation } from '../installation.ts'
import { addPasskey, askForSecondFactor, proofOf, setUpSecondFactor } from './second-factor.ts'

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start()
})
after(() => atlas.stop())

const codeOf = ({ body }: Reply) => (body as { code?: string }).code
const me = (as: string) => atlas.request('GET', '/api/v1/me', { as })
const signIn = (passkey: unknown) => atlas.request('POST', '/api/v1/sessions/passkey', { body: { passkey } })
const stateOf = (as: string) => atlas.ask<Record<string, unknown>>('GET', '/api/v1/me/second-factor', { as })
const remove = (as: string, id: string) => atlas.request('DELETE', `/api/v1/me/passkeys/${id}`, { as })

test('a passkey signs in by itself and counts as two factors; an answer works once', async () => {
  const as = 'viewer@acme.test'
  const { passkey, recoveryCodes } = await addPasskey(atlas, as)
  assert.equal(recoveryCodes.length, 10, 'whoever loses their only passkey needs a way in')
  const proof = await proofOf(atlas, passkey)
  const signedIn = await signIn(proof)
  assert.equal(signedIn.status, 201, JSON.stringify(signedIn.body))
  assert.equal(codeOf(await signIn(proof)), 'identity.passkey_refused')
  assert.equal(
    codeOf(await signIn(await proofOf(atlas, passkey).then((at) => ({ ...at, id: 'nobody' })))),
    'identity.passkey_refused',
  )
  await rowsOf(atlas.databases.controlUrl, "update control.tenants set mfa_required = true where slug = 'acme'")
  atlas.installation.gates.forget()
  atlas.keepCookie(as, signedIn.headers)
  assert.equal((await atlas.request('GET', '/api/v1/projects', { as, tenant: 'acme' })).status, 200)
  await rowsOf(atlas.databases.controlUrl, "update control.tenants set mfa_required = false where slug = 'acme'")
  atlas.installation.gates.forget()
})

test('after the password a passkey is the second factor: of that person, and no other', async () => {
  const as = 'member@acme.test'
  const elsewhere = { cookie: await atlas.cookieOf(as) }
  atlas.forgetCookie(as)
  const { passkey } = await addPasskey(atlas, as)
  assert.equal((await atlas.request('GET', '/api/v1/me', { headers: elsewhere })).status, 401, 'it came in without')
  const { passkey: ofAnother } = await addPasskey(atlas, 'owner@globex.test')
  await askForSecondFactor(atlas, as)
  const verify = (proof: unknown) => atlas.request('POST', '/api/v1/sessions/verify', { as, body: { passkey: proof } })
  assert.equal(codeOf(await verify(await proofOf(atlas, ofAnother))), 'identity.passkey_refused')
  const options = await atlas.ask<PasskeyRequestOptions>('POST', '/api/v1/passkeys/challenge', { as })
  assert.deepEqual(
    options.allowCredentials.map(({ id }) => id),
    [passkey.id],
  )
  const verified = await verify(passkey.prove(options))
  assert.equal(verified.status, 201, JSON.stringify(verified.body))
  atlas.keepCookie(as, verified.headers)
  assert.equal((await me(as)).status, 200)
  const proved = await atlas.request('POST', '/api/v1/sessions/step-up', {
    as,
    body: { passkey: await proofOf(atlas, passkey) },
  })
  assert.equal(proved.status, 204)
  atlas.keepCookie(as, proved.headers)
})

test('the last factor stays while an organisation asks for one; then it goes, with the codes and the other sessions', async () => {
  const as = 'owner@acme.test'
  const demand = async (isRequired: boolean) => {
    await rowsOf(
      atlas.databases.controlUrl,
      `update control.tenants set mfa_required = ${isRequired} where slug = 'acme'`,
    )
    atlas.installation.gates.forget()
  }
  const { id, passkey } = await addPasskey(atlas, as)
  const elsewhere = {
    cookie: (await signIn(await proofOf(atlas, passkey))).headers.get('set-cookie')?.split(';')[0] ?? '',
  }
  await demand(true)
  assert.equal(codeOf(await remove(as, id)), 'identity.factor_needed')
  assert.equal((await stateOf(as))['passkeys'], 1)
  const { codeIn } = await setUpSecondFactor(atlas, as)
  const removed = await remove(as, id)
  assert.equal(removed.status, 204, JSON.stringify(removed.body))
  atlas.keepCookie(as, removed.headers)
  assert.equal((await atlas.request('GET', '/api/v1/me', { headers: elsewhere })).status, 401)
  assert.equal(codeOf(await signIn(await proofOf(atlas, passkey))), 'identity.passkey_refused')
  const off = (code: string) =>
    atlas.request('POST', '/api/v1/me/second-factor/disable', {
      as,
      body: { currentPassword: 'demo-password-1', code },
    })
  assert.equal(codeOf(await off(codeIn(30))), 'identity.factor_needed')
  await demand(false)
  const disabled = await off(codeIn(30))
  assert.equal(disabled.status, 204, JSON.stringify(disabled.body))
  atlas.keepCookie(as, disabled.headers)
  assert.deepEqual(await stateOf(as), { enabledAt: null, authenticatorAt: null, passkeys: 0, recoveryCodesLeft: 0 })
})

test('adding and removing ask for a proof of now, and nobody touches what is not theirs', async () => {
  const as = 'owner@globex.test'
  const { items } = await atlas.ask<{ items: { id: string }[] }>('GET', '/api/v1/me/passkeys', { as })
  const [id = ''] = items.map((each) => each.id)
  assert.equal((await remove('admin@acme.test', id)).status, 404)
  const renamed = atlas.request('PATCH', `/api/v1/me/passkeys/${id}`, { as: 'admin@acme.test', body: { name: 'Mine' } })
  assert.equal((await renamed).status, 404)
  atlas.clock.aheadMs += 11 * 60_000
  assert.equal(codeOf(await remove(as, id)), 'session.step_up_required')
  assert.equal(codeOf(await atlas.request('POST', '/api/v1/me/passkeys/begin', { as })), 'session.step_up_required')
  const named = await atlas.ask<{ name: string }>('PATCH', `/api/v1/me/passkeys/${id}`, {
    as,
    body: { name: 'Key ring' },
  })
  assert.equal(named.name, 'Key ring')
})
