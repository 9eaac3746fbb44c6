import { randomBytes } from 'node:crypto'
import { Failure } from '#kernel/errors/failure'
import { newId } from '#kernel/id'
import { z } from '#kernel/schema'
import { seal, unseal } from '#kernel/sealing'
import { tokenDigest } from '#kernel/token'
import { passkeyRefused, passkeysFull } from './failures.ts'
import {
  type Passkey,
  type PasskeyAssertion,
  type PasskeyCreationOptions,
  type PasskeyRegistration,
  type PasskeyRequestOptions,
  passkeysMax,
} from './passkey-model.ts'
import * as store from './passkey-store.ts'
import type { IdentityContext } from './provider.ts'

/** For so long a person may look for their phone. */
const challengeMs = 5 * 60_000
const challengeBytes = 16
/** EdDSA, ES256, RS256 (RFC 8152, RFC 8812): what authenticators in use sign with. */
const algorithms = [-8, -7, -257]
const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]'])

/** What a challenge is for: one to sign in with is not good for adding a passkey, and the other way round. */
type Purpose = 'proof' | `passkey of ${string}`

/**
 * Passkeys of accounts that are kept here, as WebAuthn has them: bound to this site, made on the person's device, and used
 * only after the device has seen its owner, by finger, face or PIN. So one passkey is two factors.
 *
 * A challenge is kept by nobody until it is answered: it is sealed with when it expires and what it is for. Its answer is
 * written down in the transaction that the answer opens something in. Every call runs on the transaction that it is given.
 */
export class Passkeys {
  readonly #key: Buffer
  readonly #site: { readonly id: string; readonly name: string; readonly origin: string }

  /** `key`: 32 bytes that challenges are sealed with. `publicUrl`: how people reach the product; passkeys hold there only. */
  constructor(settings: { key: Buffer; productName: string; publicUrl: string }) {
    this.#key = settings.key
    const { hostname, origin } = new URL(settings.publicUrl)
    // A passkey needs a name: browsers know none for an address of numbers.
    this.#site = { id: loopbackHosts.has(hostname) ? 'localhost' : hostname, name: settings.productName, origin }
  }

  list({ db }: IdentityContext, userId: string): Promise<Passkey[]> {
    return store.passkeysOf(db, userId)
  }

  /** What a browser needs to make one. Fails with `passkeys_full`. */
  async beginRegistration(
    { db, now }: IdentityContext,
    { userId, email, name }: { userId: string; email: string; name: string },
  ): Promise<PasskeyCreationOptions> {
    const known = await store.credentialsOf(db, userId)
    if (known.length >= passkeysMax) throw new Failure(passkeysFull)
    return {
      rp: { id: this.#site.id, name: this.#site.name },
      user: { id: handleOf(userId), name: email, displayName: name },
      challenge: this.#newChallenge(now, `passkey of ${userId}`),
      pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
      timeout: challengeMs,
      attestation: 'none',
      excludeCredentials: known.map(descriptorOf),
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    }
  }

  /** Keeps a passkey that the browser made with such options. Fails: `passkey_refused`, `passkeys_full`. */
  async register(
    context: IdentityContext,
    { userId, name, registration }: { userId: string; name: string; registration: PasskeyRegistration },
  ): Promise<Passkey> {
    const { db, now } = context
    const { id, transports, ...response } = registration
    const challenge = this.#challengeIn(registration, { now, purpose: `passkey of ${userId}` })
    const { verifyRegistrationResponse } = await webAuthn()
    const { registrationInfo } = await orRefuse(() =>
      verifyRegistrationResponse({
        response: { ...envelopeOf(id), response },
        ...this.#expected(challenge),
        supportedAlgorithmIDs: algorithms,
      }),
    )
    const credential = registrationInfo?.credential ?? refuse('the passkey could not be verified')
    await this.#use(context, challenge)
    if ((await store.credentialsOf(db, userId)).length >= passkeysMax) throw new Failure(passkeysFull)
    const inserted = await store.insertPasskey(db, {
      id: newId(),
      userId,
      credentialId: credential.id,
      publicKey: Buffer.from(credential.publicKey).toString('base64url'),
      counter: credential.counter,
      transports,
      name,
      createdAt: now,
    })
    return inserted ?? refuse('this passkey is there already')
  }

  /** What a browser needs to prove one: of this person or, when nobody is known yet, any of this site. */
  async challenge({ db, now }: IdentityContext, userId: string | undefined): Promise<PasskeyRequestOptions> {
    const known = userId === undefined ? [] : await store.credentialsOf(db, userId)
    return {
      rpId: this.#site.id,
      challenge: this.#newChallenge(now, 'proof'),
      timeout: challengeMs,
      userVerification: 'required',
      allowCredentials: known.map(descriptorOf),
    }
  }

  /**
   * Whose passkey has signed a challenge of ours; once. `userId`: it must be a passkey of this person. Fails with
   * `passkey_refused`, also when the authenticator counts backwards: then there are two of it.
   */
  async verify(context: IdentityContext, assertion: PasskeyAssertion, userId?: string): Promise<string> {
    const { id, ...response } = assertion
    const challenge = this.#challengeIn(assertion, { now: context.now, purpose: 'proof' })
    const passkey = (await store.lockPasskey(context.db, id)) ?? refuse('nobody has this passkey')
    if (userId !== undefined && passkey.userId !== userId) refuse('it is the passkey of somebody else')
    const { verifyAuthenticationResponse } = await webAuthn()
    const publicKey = new Uint8Array(Buffer.from(passkey.publicKey, 'base64url'))
    const { verified, authenticationInfo } = await orRefuse(() =>
      verifyAuthenticationResponse({
        response: { ...envelopeOf(id), response },
        ...this.#expected(challenge),
        credential: { id, publicKey, counter: passkey.counter },
      }),
    )
    if (!verified) refuse('the signature is not that of the passkey')
    await this.#use(context, challenge)
    const counter = authenticationInfo.newCounter
    await store.notePasskeyUse(context.db, { id: passkey.id, counter, now: context.now })
    return passkey.userId
  }

  /** Undefined when this person has no such passkey. */
  rename({ db }: IdentityContext, change: { userId: string; id: string; name: string }): Promise<Passkey | undefined> {
    return store.renamePasskey(db, change)
  }

  remove({ db }: IdentityContext, { userId, id }: { userId: string; id: string }): Promise<Passkey | undefined> {
    return store.deletePasskey(db, userId, id)
  }

  #newChallenge(now: string, purpose: Purpose): string {
    const expiry = Buffer.alloc(8)
    expiry.writeBigUInt64BE(BigInt(Date.parse(now) + challengeMs))
    return seal(this.#key, Buffer.concat([randomBytes(challengeBytes), expiry]), purpose).toString('base64url')
  }

  /** The challenge that was answered, after the checks that need neither signature nor database. */
  #challengeIn(
    { clientDataJSON }: { clientDataJSON: string },
    { now, purpose }: { now: string; purpose: Purpose },
  ): Challenge {
    try {
      const { challenge, origin, crossOrigin } = ClientData.parse(
        JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString()),
      )
      if (crossOrigin) throw new Error('it was signed inside a page of another site')
      if (!this.#isOurs(origin)) throw new Error(`it was signed for ${origin}`)
      const content = unseal(this.#key, Buffer.from(challenge, 'base64url'), purpose)
      const expiresMs = Number(content.readBigUInt64BE(challengeBytes))
      if (expiresMs <= Date.parse(now)) throw new Error('the challenge has expired')
      return { challenge, origin, expiresAt: new Date(expiresMs).toISOString() }
    } catch (cause) {
      throw new Failure(passkeyRefused, { cause })
    }
  }

  /** On this machine a page may be at any port: of a development server, or of a second installation. */
  #isOurs(origin: string): boolean {
    if (this.#site.id !== 'localhost') return origin === this.#site.origin
    return /^http:\/\/localhost(:\d{1,5})?$/.test(origin)
  }

  #expected({ challenge, origin }: Challenge) {
    return {
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: this.#site.id,
      requireUserVerification: true,
    }
  }

  async #use({ db }: IdentityContext, { challenge, expiresAt }: Challenge): Promise<void> {
    const isFirst = await store.useChallenge(db, { challengeHash: tokenDigest(challenge), expiresAt })
    if (!isFirst) refuse('the challenge was answered before')
  }
}

interface Challenge {
  readonly challenge: string
  readonly origin: string
  readonly expiresAt: string
}

const ClientData = z.object({
  challenge: z.string().max(200),
  origin: z.string().max(300),
  crossOrigin: z.boolean().optional(),
})

/** It takes 0.12 s to load, which no start of a process should wait for. */
const webAuthn = () => import('@simplewebauthn/server')

function envelopeOf(id: string) {
  return { id, rawId: id, type: 'public-key' as const, clientExtensionResults: {} }
}

function descriptorOf({ credentialId, transports }: Pick<store.PasskeyRow, 'credentialId' | 'transports'>) {
  return { type: 'public-key' as const, id: credentialId, transports }
}

/** The id of the account, as bytes: a passkey knows neither name nor address by it. */
function handleOf(userId: string): string {
  return Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url')
}

/** The library throws plain errors for whatever is wrong with what a browser sent. */
async function orRefuse<Result>(verify: () => Promise<Result>): Promise<Result> {
  try {
    return await verify()
  } catch (cause) {
    throw new Failure(passkeyRefused, { cause })
  }
}

function refuse(why: string): never {
  throw new Failure(passkeyRefused, { cause: new Error(why) })
}
