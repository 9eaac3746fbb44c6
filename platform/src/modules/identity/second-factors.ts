import { randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { Failure } from '#kernel/errors/failure'
import { seal, unseal } from '#kernel/sealing'
import { tokenDigest } from '#kernel/token'
import { authenticatorMissing, authenticatorPresent, codeWrong } from './failures.ts'
import type { IdentityContext } from './provider.ts'
import * as store from './second-factor-store.ts'

/** As every authenticator app expects it (RFC 6238 with the defaults of RFC 4226: SHA-1, six digits). */
const periodSeconds = 30
const digits = 6
/** RFC 4226 §4, requirement R6. */
const secretBytes = 20
/** A clock may be half a minute off, either way (RFC 6238 §5.2). */
const stepsOff = 1

export const recoveryCodesCount = 10
const recoveryCodeBytes = 15
/** 32 characters that nobody mistakes for another: no l, o, 0 and 1. */
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'

export type CodeKind = 'authenticator' | 'recovery_code'

export interface SecondFactorState {
  /** Since when signing in asks for a second factor. */
  readonly enabledAt: string | null
  readonly authenticatorAt: string | null
  readonly passkeys: number
  readonly recoveryCodesLeft: number
}

/**
 * An authenticator app and recovery codes, of accounts that are kept here. Every call runs on the transaction that it is
 * given. Attempts are counted by whoever calls (see throttle.ts), because the count must outlive a rollback.
 */
export class SecondFactors {
  readonly #key: Buffer
  readonly #issuer: string

  /** `key`: 32 bytes that secrets are sealed with. `issuer`: how apps name the account's product. */
  constructor(key: Buffer, issuer: string) {
    this.#key = key
    this.#issuer = issuer
  }

  async state({ db }: IdentityContext, userId: string): Promise<SecondFactorState> {
    const { passkeyAt, ...factors } = await store.factorsOf(db, userId)
    const [enabledAt = null] = [factors.authenticatorAt, passkeyAt].filter((since) => since !== null).toSorted()
    return { enabledAt, ...factors }
  }

  /**
   * A new secret, for the person's app: as text to type and as the address that a QR code holds. Nothing is asked of it
   * until `confirm`. Fails with `identity.authenticator_present` when there is one that is confirmed.
   */
  async prepare(
    { db, now }: IdentityContext,
    { userId, email }: { userId: string; email: string },
  ): Promise<{ secret: string; uri: string }> {
    const secret = new Secret({ buffer: Uint8Array.from(randomBytes(secretBytes)).buffer })
    const sealed = seal(this.#key, Buffer.from(secret.bytes), boundTo(userId)).toString('base64url')
    const isWritten = await store.writeAuthenticator(db, { userId, secret: sealed, now })
    if (!isWritten) throw new Failure(authenticatorPresent)
    const uri = new TOTP({ issuer: this.#issuer, label: email, secret, digits, period: periodSeconds }).toString()
    return { secret: secret.base32, uri }
  }

  /** From now on signing in asks for it. Fails: `authenticator_missing`, `authenticator_present`, `code_wrong`. */
  async confirm(context: IdentityContext, userId: string, code: string): Promise<string[]> {
    const authenticator = await store.findAuthenticator(context.db, userId, 'lock')
    if (!authenticator) throw new Failure(authenticatorMissing)
    if (authenticator.confirmedAt !== null) throw new Failure(authenticatorPresent)
    await this.#proveTimed(context, userId, authenticator.secret, code)
    await store.confirmAuthenticator(context.db, userId, context.now)
    return this.renewRecoveryCodes(context, userId)
  }

  /** New recovery codes, shown here and nowhere again; those of before hold no more. */
  async renewRecoveryCodes({ db }: IdentityContext, userId: string): Promise<string[]> {
    const codes = Array.from({ length: recoveryCodesCount }, newRecoveryCode)
    await store.replaceRecoveryCodes(db, userId, codes.map(hashOf))
    return codes
  }

  /** Takes a code of the app or a recovery code, which works once. Fails: `authenticator_missing`, `code_wrong`. */
  async prove(context: IdentityContext, userId: string, code: string): Promise<CodeKind> {
    if (isTimed(code)) {
      const authenticator = await store.findAuthenticator(context.db, userId)
      if (!authenticator || authenticator.confirmedAt === null) throw new Failure(authenticatorMissing)
      await this.#proveTimed(context, userId, authenticator.secret, code)
      return 'authenticator'
    }
    if (!(await store.useRecoveryCode(context.db, userId, hashOf(code)))) throw wrongCode()
    return 'recovery_code'
  }

  /** Takes the app away, and the recovery codes if no passkey is left. Fails with `authenticator_missing`. */
  async removeAuthenticator({ db }: IdentityContext, userId: string): Promise<void> {
    if (!(await store.deleteAuthenticator(db, userId))) throw new Failure(authenticatorMissing)
    await store.deleteIdleRecoveryCodes(db, userId)
  }

  /** To be called once a passkey is gone. */
  async dropIdleRecoveryCodes({ db }: IdentityContext, userId: string): Promise<void> {
    await store.deleteIdleRecoveryCodes(db, userId)
  }

  async #proveTimed({ db, now }: IdentityContext, userId: string, sealed: string, code: string): Promise<void> {
    const bytes = unseal(this.#key, Buffer.from(sealed, 'base64url'), boundTo(userId))
    const secret = new Secret({ buffer: Uint8Array.from(bytes).buffer })
    const timestamp = Date.parse(now)
    const token = withoutBlanks(code)
    const off = TOTP.validate({ token, secret, digits, period: periodSeconds, timestamp, window: stepsOff })
    if (off === null) throw wrongCode()
    const step = Math.floor(timestamp / 1000 / periodSeconds) + off
    if (!(await store.useTimeStep(db, userId, step))) throw wrongCode()
  }
}

function wrongCode(): Failure {
  return new Failure(codeWrong, { errors: [{ pointer: '#/code', code: 'wrong', detail: codeWrong.title }] })
}

function boundTo(userId: string): string {
  return `authenticator of ${userId}`
}

function isTimed(code: string): boolean {
  return /^\d{6}$/.test(withoutBlanks(code))
}

function withoutBlanks(code: string): string {
  return code.replace(/\s/g, '')
}

/** Six groups of four: `abcd-efgh-…`. */
function newRecoveryCode(): string {
  const bits = Array.from(randomBytes(recoveryCodeBytes), (byte) => byte.toString(2).padStart(8, '0')).join('')
  const characters = (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)])
  return (characters.join('').match(/.{4}/g) ?? []).join('-')
}

function hashOf(code: string): string {
  return tokenDigest(code.toLowerCase().replace(/[^a-z\d]/g, ''))
}
