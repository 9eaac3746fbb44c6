import { Failure } from '#kernel/errors/failure'
import { notFound } from '#kernel/errors/platform-failures'
import { newId } from '#kernel/id'
import { tokenDigest } from '#kernel/token'
import { type Account, type Call, createBetterAuth, withBetterAuth } from './better-auth-instance.ts'
import { weaknessOf } from './common-passwords.ts'
import {
  credentialsWrong,
  emailInvalid,
  mailTokenInvalid,
  passwordWeak,
  passwordWrong,
  signInExpired,
} from './failures.ts'
import { type Locale, normalisedEmail, type Profile, type SignedInSession } from './model.ts'
import type { PasswordHashing } from './password-hashing.ts'
import type {
  Authentication,
  IdentityContext,
  IdentityProvider,
  Message,
  NewSession,
  PasswordChange,
  Person,
  ProfileChanges,
  SignIn,
  SignUp,
} from './provider.ts'
import { isRandomToken, randomToken } from './random-token.ts'
import { holdSession, takePendingSignIn } from './second-factor-store.ts'
import { idleMs, lifetimeMs, refreshAfterMs } from './session-lifetime.ts'
import * as store from './store.ts'

/** What a mailed token is for, and how long it holds. */
const mailTokenMs = { 'verify-email': 24 * 3_600_000, 'reset-password': 3_600_000 }
/** How long a sign-in waits for its second factor. */
const secondFactorMs = 10 * 60_000
type Purpose = keyof typeof mailTokenMs

/** Accounts with a password and sessions of our own, kept by Better Auth. Its HTTP endpoints are not mounted. */
export class BetterAuthProvider implements IdentityProvider {
  readonly tokenFrom = 'cookie'
  readonly #hashing: PasswordHashing
  readonly #auth: ReturnType<typeof createBetterAuth>

  constructor(hashing: PasswordHashing) {
    this.#hashing = hashing
    this.#auth = createBetterAuth(hashing)
  }

  async authenticate({ db, now }: IdentityContext, token: string): Promise<Authentication> {
    const found = isRandomToken(token) ? await store.findSession(db, tokenDigest(token), now) : undefined
    if (!found) return { person: undefined, writeDue: false }
    const { refreshedAt, startedAt, seenAt, provedAt, hasSecondFactor, isConsole, ...person } = found
    const signIn = { startedAt, seenAt, provedAt, hasSecondFactor, isConsole }
    return { person: { ...person, signIn }, writeDue: Date.parse(now) - Date.parse(refreshedAt) >= refreshAfterMs }
  }

  async settle(context: IdentityContext, token: string): Promise<Person | undefined> {
    const { db, now } = context
    if (isRandomToken(token)) await store.refreshSession(db, { tokenHash: tokenDigest(token), now, idleMs, lifetimeMs })
    return (await this.authenticate(context, token)).person
  }

  async signUp(context: IdentityContext, { email, password, name, locale }: SignUp) {
    const address = addressOf(email)
    refuseWeak(password, '/password', [address, name])
    return this.#withPassword(context, async (call) => {
      await store.lock(context.db, address)
      await store.deleteUnverifiedUser(context.db, address)
      await store.beginAttempt(context.db)
      const { user } = await this.#auth.api.signUpEmail({ body: { email: address, password, name, locale } })
      const { existing } = call
      const userId = existing ? await this.#writeDecoy(name, locale) : user.id
      const token = await this.#newMailToken(context, 'verify-email', userId)
      await (existing ? store.undoAttempt(context.db) : store.keepAttempt(context.db))
      if (existing) return { userId: null, message: accountExists(address, existing.locale) }
      const message: Message = { template: 'verify-email', to: address, locale, values: { token } }
      return { userId, message }
    })
  }

  signIn(context: IdentityContext, { email, password }: { email: string; password: string }): Promise<SignIn> {
    return this.#withPassword(context, async (call) => {
      const address = normalisedEmail(email)
      if (!address) throw new Failure(credentialsWrong)
      const { user } = await this.#auth.api.signInEmail({ body: { email: address, password } })
      // A reset that was committed since the hash was read has ended all sessions; this one must not survive it.
      const isStillRight = await store.lockPassword(context.db, user.id, call.provenHash ?? '')
      if (!isStillRight) throw new Failure(credentialsWrong)
      return this.#heldOrNot(context, newSessionOf(call))
    })
  }

  async resumeSignIn(context: IdentityContext, { userId, token }: { userId: string; token: string }) {
    const { db, now } = context
    const isTaken = await takePendingSignIn(db, { userId, tokenHash: tokenDigest(token), now })
    if (!isTaken) throw new Failure(signInExpired)
    return this.beginSession(context, { userId, hasSecondFactor: true })
  }

  beginSession(
    context: IdentityContext,
    { userId, hasSecondFactor }: { userId: string; hasSecondFactor: boolean },
  ): Promise<NewSession> {
    return withBetterAuth(context, async (call) => {
      call.hasSecondFactor = hasSecondFactor
      const { internalAdapter } = await this.#auth.$context
      await internalAdapter.createSession(userId)
      return newSessionOf(call)
    })
  }

  provePassword(context: IdentityContext, { userId, password }: { userId: string; password: string }): Promise<void> {
    return this.#withPassword(context, () => this.#requirePassword(userId, password))
  }

  async renewSession(
    { db, now }: IdentityContext,
    { userId, sessionId, hasSecondFactor }: { userId: string; sessionId: string; hasSecondFactor: boolean },
  ): Promise<NewSession> {
    const token = randomToken()
    const renewed = { userId, sessionId, tokenHash: tokenDigest(token), hasSecondFactor, now }
    const session = await store.renewSession(db, renewed)
    if (!session) throw new Failure(notFound)
    return { id: sessionId, userId, token, expiresAt: later(session.createdAt, lifetimeMs) }
  }

  async replaceSessions(context: IdentityContext, whose: { userId: string; hasSecondFactor: boolean }) {
    await store.deleteSessions(context.db, whose.userId)
    return this.beginSession(context, whose)
  }

  requestVerification(context: IdentityContext, { email }: { email: string }): Promise<Message | null> {
    return this.#mail(context, email, 'verify-email', (account) => !account.emailVerified)
  }

  verifyEmail(context: IdentityContext, { token }: { token: string }): Promise<{ userId: string }> {
    return withBetterAuth(context, async () => {
      const userId = await this.#consumeMailToken(context, 'verify-email', token)
      const { internalAdapter } = await this.#auth.$context
      await internalAdapter.updateUser(userId, { emailVerified: true })
      await store.deleteMailTokens(context.db, userId)
      return { userId }
    })
  }

  requestPasswordReset(context: IdentityContext, { email }: { email: string }): Promise<Message | null> {
    return this.#mail(context, email, 'reset-password', () => true)
  }

  async resetPassword(context: IdentityContext, { token, password }: { token: string; password: string }) {
    refuseWeak(password, '/password')
    return this.#withPassword(context, async () => {
      const userId = await this.#consumeMailToken(context, 'reset-password', token)
      const { internalAdapter } = await this.#auth.$context
      await this.#replacePassword(context, userId, password)
      await internalAdapter.updateUser(userId, { emailVerified: true })
      return { userId }
    })
  }

  changePassword(context: IdentityContext, change: PasswordChange): Promise<NewSession> {
    const { userId, currentPassword, newPassword, hasSecondFactor } = change
    return this.#withPassword(context, async () => {
      await this.#requirePassword(userId, currentPassword)
      const { email, name } = await this.profile(context, userId)
      refuseWeak(newPassword, '/newPassword', [email, name])
      await this.#replacePassword(context, userId, newPassword)
      return this.beginSession(context, { userId, hasSecondFactor })
    })
  }

  sessions({ db, now }: IdentityContext, of: { userId: string; currentId?: string }): Promise<SignedInSession[]> {
    return store.sessionsOf(db, of.userId, of.currentId ?? null, now)
  }

  async revokeSession({ db }: IdentityContext, { userId, sessionId }: { userId: string; sessionId: string }) {
    if ((await store.deleteSession(db, userId, sessionId)) === 0) throw new Failure(notFound)
  }

  revokeOtherSessions({ db }: IdentityContext, { userId, sessionId }: { userId: string; sessionId: string }) {
    return store.deleteOtherSessions(db, userId, sessionId)
  }

  profile({ db }: IdentityContext, userId: string): Promise<Profile> {
    return store.profile(db, userId)
  }

  updateProfile({ db, now }: IdentityContext, userId: string, changes: ProfileChanges): Promise<Profile> {
    return store.updateProfile(db, userId, changes, now)
  }

  async #requirePassword(userId: string, password: string): Promise<void> {
    const { internalAdapter } = await this.#auth.$context
    const account = await internalAdapter.findCredentialAccount(userId)
    const isRight = account?.password ? await this.#hashing.verify(account.password, password) : false
    if (!isRight) throw new Failure(passwordWrong, { errors: [fieldError('/currentPassword', 'wrong')] })
  }

  /** What a right password is worth: a session or, with a second factor, a sign-in that waits for it. */
  async #heldOrNot({ db, now }: IdentityContext, session: NewSession): Promise<SignIn> {
    const until = later(now, secondFactorMs)
    const isPending = await holdSession(db, { sessionId: session.id, now, until })
    return isPending ? { ...session, expiresAt: until, isPending } : { ...session, isPending }
  }

  #withPassword<Result>(context: IdentityContext, work: (call: Call) => Promise<Result>): Promise<Result> {
    return this.#hashing.inTurn(() => withBetterAuth(context, work))
  }

  /** A message with a new token for the account of an address, or null; the same statements are sent either way. */
  async #mail(
    context: IdentityContext,
    email: string,
    purpose: Purpose,
    isWanted: (account: Account) => boolean,
  ): Promise<Message | null> {
    const address = addressOf(email)
    return withBetterAuth(context, async () => {
      const { internalAdapter } = await this.#auth.$context
      const account = (await internalAdapter.findUserByEmail(address))?.user as Account | undefined
      await store.beginAttempt(context.db)
      const token = await this.#newMailToken(context, purpose, account?.id ?? newId())
      if (!account || !isWanted(account)) {
        await store.undoAttempt(context.db)
        return null
      }
      await store.keepAttempt(context.db)
      return { template: purpose, to: address, locale: account.locale, values: { token } }
    })
  }

  async #newMailToken({ now }: IdentityContext, purpose: Purpose, userId: string): Promise<string> {
    const token = randomToken()
    const { internalAdapter } = await this.#auth.$context
    const expiresAt = new Date(Date.parse(now) + mailTokenMs[purpose])
    await internalAdapter.createVerificationValue({ identifier: `${purpose}:${token}`, value: userId, expiresAt })
    return token
  }

  async #consumeMailToken({ now }: IdentityContext, purpose: Purpose, token: string): Promise<string> {
    const { internalAdapter } = await this.#auth.$context
    const consumed = await internalAdapter.consumeVerificationValue(`${purpose}:${token}`)
    // Better Auth compares with the clock of this machine, we with the operation's.
    if (!consumed || consumed.expiresAt.getTime() <= Date.parse(now)) throw new Failure(mailTokenInvalid)
    return consumed.value
  }

  /** Sets a password, ends all sessions and voids all links that were mailed before. */
  async #replacePassword(context: IdentityContext, userId: string, password: string): Promise<void> {
    const { internalAdapter } = await this.#auth.$context
    const hash = await this.#hashing.hash(password)
    const account = await internalAdapter.findCredentialAccount(userId)
    if (account) await internalAdapter.updatePassword(userId, hash)
    else await internalAdapter.linkAccount(credentialOf(userId, hash))
    await store.deleteSessions(context.db, userId)
    await store.deleteMailTokens(context.db, userId)
  }

  /** What a sign-up writes, for an address that cannot exist: so that a known address costs as much as a new one. */
  async #writeDecoy(name: string, locale: Locale): Promise<string> {
    const { internalAdapter } = await this.#auth.$context
    const decoy = { email: `${newId()}@invalid.invalid`, name, locale, emailVerified: false }
    const user = await internalAdapter.createUser(decoy, { method: 'email-password' })
    await internalAdapter.linkAccount(credentialOf(user.id, ''))
    return user.id
  }
}

function credentialOf(userId: string, password: string) {
  return { userId, providerId: 'credential', accountId: userId, password }
}

function later(instant: string, ms: number): string {
  return new Date(Date.parse(instant) + ms).toISOString()
}

function newSessionOf(call: Call): NewSession {
  if (!call.newSession) throw new Error('Better Auth signed somebody in without a session')
  return call.newSession
}

function accountExists(to: string, locale: Locale): Message {
  return { template: 'account-exists', to, locale, values: {} }
}

function addressOf(email: string): string {
  const address = normalisedEmail(email)
  if (!address) throw new Failure(emailInvalid, { errors: [fieldError('/email', 'invalid')] })
  return address
}

function refuseWeak(password: string, pointer: string, about: readonly string[] = []): void {
  const weakness = weaknessOf(password, about)
  if (weakness) throw new Failure(passwordWeak, { errors: [fieldError(pointer, weakness)] })
}

const fieldDetails = {
  invalid: 'Mail cannot be sent to this address.',
  wrong: 'This is not your current password.',
  too_short: 'Take at least 12 characters.',
  too_long: 'Take at most 256 characters.',
  common: 'This is among the first that an attacker tries.',
}

function fieldError(path: string, code: keyof typeof fieldDetails) {
  return { pointer: `#${path}`, code, detail: fieldDetails[code] }
}
