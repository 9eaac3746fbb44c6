import type { operations } from '#client/generated/schema.d.ts'
import { api, required } from './api.ts'

/** Passkeys in the browser: the platform asks, the browser asks its owner, the platform is told. */

type Body<Name extends 'passkeys.create' | 'sessions.createWithPasskey'> =
  operations[Name]['requestBody']['content']['application/json']
export type PasskeyAssertion = Body<'sessions.createWithPasskey'>['passkey']
type PasskeyRegistration = Body<'passkeys.create'>['registration']
type Transport = PasskeyRegistration['transports'][number]

const addressOfNumbers = /^(\[|\d{1,3}(\.\d{1,3}){3}$)/

/** Browsers have passkeys for names, over TLS or on this machine; not for addresses of numbers. */
export function hasPasskeys(): boolean {
  return 'PublicKeyCredential' in window && window.isSecureContext && !addressOfNumbers.test(location.hostname)
}

/** What the person did not do: they closed the browser's question, or let it wait for too long. */
export class NoPasskey extends Error {}

/** Throws NoPasskey when the person does not want to, or has none here. */
export async function provePasskey(): Promise<PasskeyAssertion> {
  const optionsJSON = required(await api.POST('/api/v1/passkeys/challenge'))
  const { startAuthentication } = await import('@simplewebauthn/browser')
  const { id, response } = await startAuthentication({ optionsJSON }).catch(refused)
  const { clientDataJSON, authenticatorData, signature } = response
  return { id, clientDataJSON, authenticatorData, signature }
}

/** Throws NoPasskey as above, also when the device has one for this account already. */
export async function makePasskey(): Promise<PasskeyRegistration> {
  const optionsJSON = required(await api.POST('/api/v1/me/passkeys/begin'))
  const { startRegistration } = await import('@simplewebauthn/browser')
  const { id, response } = await startRegistration({ optionsJSON }).catch(refused)
  const { clientDataJSON, attestationObject, transports = [] } = response
  return { id, clientDataJSON, attestationObject, transports: transports.filter(isKnown) }
}

const known: readonly string[] = ['ble', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] satisfies Transport[]

function isKnown(transport: string): transport is Transport {
  return known.includes(transport)
}

function refused(cause: unknown): never {
  throw new NoPasskey('no passkey', { cause })
}
