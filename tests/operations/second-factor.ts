import assert from 'node:assert/strict'
import { demoPassword } from '../../platform/src/demo-people.ts'
import { codeShown } from '../../platform/src/modules/identity/authenticator.fixture.ts'
import { SoftwarePasskey } from '../../platform/src/modules/identity/passkey.fixture.ts'
import type {
  PasskeyCreationOptions,
  PasskeyRequestOptions,
} from '../../platform/src/modules/identity/passkey-model.ts'
import type { TestInstallation } from '../installation.ts'

export interface SetUp {
  readonly recoveryCodes: readonly string[]
  /** The code that the app shows so many seconds from now. */
  readonly codeIn: (seconds: number) => string
}

/** Turns the second factor of somebody on who signs in with the demo's password, in the session that they have. */
export async function setUpSecondFactor(atlas: TestInstallation, email: string): Promise<SetUp> {
  const { secret } = await atlas.ask<{ secret: string }>('POST', '/api/v1/me/authenticator', { as: email })
  const codeIn = (seconds: number) => codeShown(secret, Date.now() + atlas.clock.aheadMs + seconds * 1000)
  const confirmed = await atlas.request('POST', '/api/v1/me/authenticator/confirm', {
    as: email,
    body: { code: codeIn(0) },
  })
  assert.equal(confirmed.status, 200, JSON.stringify(confirmed.body))
  atlas.keepCookie(email, confirmed.headers)
  return { recoveryCodes: (confirmed.body as { recoveryCodes: string[] }).recoveryCodes, codeIn }
}

/** Signs somebody in anew as far as the password goes: their cookie is that of a sign-in that waits. */
export async function askForSecondFactor(atlas: TestInstallation, email: string): Promise<void> {
  const body = { email, password: demoPassword }
  const reply = await atlas.request('POST', '/api/v1/sessions', { body })
  assert.deepEqual(reply.body, { state: 'second_factor_required', profile: null })
  atlas.keepCookie(email, reply.headers)
}

/** A passkey that a browser has made for somebody, and that nobody has kept yet. */
export async function madePasskey(atlas: TestInstallation, email: string) {
  const options = await atlas.ask<PasskeyCreationOptions>('POST', '/api/v1/me/passkeys/begin', { as: email })
  const passkey = new SoftwarePasskey()
  return { passkey, registration: passkey.register(options) }
}

/** Adds a passkey for somebody, in the session that they have. */
export async function addPasskey(atlas: TestInstallation, email: string) {
  const { passkey, registration } = await madePasskey(atlas, email)
  const body = { name: 'Phone', registration }
  const added = await atlas.request('POST', '/api/v1/me/passkeys', { as: email, body })
  assert.equal(added.status, 201, JSON.stringify(added.body))
  atlas.keepCookie(email, added.headers)
  const { passkey: kept, recoveryCodes } = added.body as { passkey: { id: string }; recoveryCodes: string[] }
  return { passkey, id: kept.id, recoveryCodes }
}

/** What a passkey answers to a challenge of now. */
export async function proofOf(atlas: TestInstallation, passkey: SoftwarePasskey) {
  return passkey.prove(await atlas.ask<PasskeyRequestOptions>('POST', '/api/v1/passkeys/challenge'))
}
