import { jwtVerify } from 'jose'
import { Failure } from '#kernel/errors/failure'
import { z } from '#kernel/schema'
import { emailTaken, emailUnverified, external, tokenRefused } from './failures.ts'
import { normalisedEmail, type Profile, personName } from './model.ts'
import type { Authentication, IdentityContext, IdentityProvider, Person, ProfileChanges } from './provider.ts'
import { requireSecureOrigin } from './secure-origin.ts'
import { SigningKeys } from './signing-keys.ts'
import * as store from './store.ts'

export interface OidcSettings {
  /** Exactly as tokens name it in `iss`; https, or http on loopback. Discovery happens below it. */
  readonly issuer: string
  /** What access tokens for this installation name in `aud`. */
  readonly audience: string
}

/** No symmetric algorithm: a public key must never serve as a shared secret. And never `none`. */
const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA']
const clockToleranceSeconds = 60
const tokenCharactersMax = 8_192

/** Until 2100: what a date can be made of, whatever a token says. */
const secondsSince1970 = () => z.number().min(0).max(4_102_444_800)

/** Claims as in OpenID Connect Core 1.0 §5.1; all but the subject count only when they are what they should be. */
const Claims = z.object({
  sub: z.string().min(1).max(255),
  email: z.string().optional().catch(undefined),
  email_verified: z.boolean().optional().catch(undefined),
  name: personName().optional().catch(undefined),
  iat: secondsSince1970().optional().catch(undefined),
  auth_time: secondsSince1970().optional().catch(undefined),
  amr: z.array(z.string()).optional().catch(undefined),
})
type Claims = z.infer<typeof Claims>

/**
 * People of an outside OpenID Connect issuer, by JWT access tokens (RFC 9068). They are known by issuer and subject; a
 * new subject becomes a person when the token vouches for an e-mail address (`email`, `email_verified: true`), and is
 * tied to the person who has confirmed that address here, if there is one.
 */
export class OidcProvider implements IdentityProvider {
  readonly tokenFrom = 'authorization'
  readonly #settings: OidcSettings
  readonly #keys: SigningKeys

  constructor(settings: OidcSettings, keys: SigningKeys = new SigningKeys(settings.issuer)) {
    requireSecureOrigin(new URL(settings.issuer))
    this.#settings = settings
    this.#keys = keys
  }

  async authenticate(context: IdentityContext, token: string): Promise<Authentication> {
    const claims = await this.#claimsOf(token, context.now)
    const person = await store.findExternalPerson(context.db, this.#settings.issuer, claims.sub)
    return { person: person && withSignIn(person, claims), writeDue: person === undefined }
  }

  async settle(context: IdentityContext, token: string): Promise<Person | undefined> {
    const { db, now } = context
    const claims = await this.#claimsOf(token, now)
    const { sub: subject, email = '', email_verified: isVerified, name } = claims
    const { issuer } = this.#settings
    const address = isVerified ? normalisedEmail(email) : undefined
    if (!address) throw new Failure(emailUnverified)
    await store.lock(db, `${issuer} ${subject}`)
    await store.lock(db, address)
    const known = await store.findExternalPerson(db, issuer, subject)
    if (known) return withSignIn(known, claims)
    // An address that the issuer has given to somebody else since must not open the account of its earlier owner.
    if (await store.isTiedToIssuer(db, address, issuer)) throw new Failure(emailTaken)
    // Whoever typed this address into a sign-up form and never confirmed it must not keep a password to it.
    await store.deleteUnverifiedUser(db, address)
    const shownName = name ?? address.slice(0, 100)
    const person = { issuer, subject, email: address, name: shownName, locale: 'en', now }
    const created = await store.createExternalPerson(db, person)
    return created && withSignIn(created, claims)
  }

  profile({ db }: IdentityContext, userId: string): Promise<Profile> {
    return store.profile(db, userId)
  }

  updateProfile({ db, now }: IdentityContext, userId: string, changes: ProfileChanges): Promise<Profile> {
    return store.updateProfile(db, userId, changes, now)
  }

  signUp = keptOutside
  signIn = keptOutside
  resumeSignIn = keptOutside
  beginSession = keptOutside
  provePassword = keptOutside
  renewSession = keptOutside
  replaceSessions = keptOutside
  requestVerification = keptOutside
  verifyEmail = keptOutside
  requestPasswordReset = keptOutside
  resetPassword = keptOutside
  changePassword = keptOutside
  sessions = keptOutside
  revokeSession = keptOutside
  revokeOtherSessions = keptOutside

  async #claimsOf(token: string, now: string): Promise<Claims> {
    try {
      if (token.length > tokenCharactersMax) throw new Error('the token is too long')
      const { payload } = await jwtVerify(token, this.#keys.find, {
        algorithms,
        issuer: this.#settings.issuer,
        audience: this.#settings.audience,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(now),
      })
      return Claims.parse(payload)
    } catch (cause) {
      if (cause instanceof Failure) throw cause
      throw new Failure(tokenRefused, { cause })
    }
  }
}

type KnownPerson = Omit<Person, 'signIn'>

/** Ways to prove who one is that are, or contain, a second factor (RFC 8176 §2). */
const secondFactors = new Set(['mfa', 'otp', 'hwk', 'swk', 'sms'])

/**
 * How the issuer says that a person came in (RFC 9068 §2.2.1). One that does not say when is taken at the age of its
 * token; programs in use fetch a new one now and then, so that is also when the person was last seen.
 */
function withSignIn(person: KnownPerson, { iat = 0, auth_time: authenticatedAt = iat, amr = [] }: Claims): Person {
  const at = (seconds: number) => new Date(seconds * 1000).toISOString()
  const startedAt = at(authenticatedAt)
  const hasSecondFactor = amr.some((method) => secondFactors.has(method))
  return { ...person, signIn: { startedAt, seenAt: at(iat), provedAt: startedAt, hasSecondFactor, isConsole: false } }
}

async function keptOutside(): Promise<never> {
  throw new Failure(external)
}
