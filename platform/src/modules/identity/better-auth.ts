import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import { isAPIError } from 'better-auth/api'
import { betterAuth } from 'better-auth/minimal'
import type { Session as Statements } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'
import { Failure, type FailureKind } from '#kernel/errors/failure'
import { notFound } from '#kernel/errors/platform-failures'
import { newId } from '#kernel/id'
import { identityAdapter } from './better-auth-adapter.ts'
import { weaknessOf } from './common-passwords.ts'
import {
  credentialsWrong,
  emailInvalid,
  emailUnverified,
  mailTokenInvalid,
  passwordWeak,
  passwordWrong,
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
  SignUp,
} from './provider.ts'
import { idleMs, isToken, lifetimeMs, newToken, refreshAfterMs, tokenHash } from './session-token.ts'
import * as store from './store.ts'

const verificationMs = 24 * 3_600_000
const passwordResetMs = 3_600_000

/** One call of ours while Better Auth works on it: where its statements go, and what its hooks told us. */
interface Call {
  readonly context: IdentityContext
  /** The first error of the database. Better Auth hides them behind its own, and the transaction is over by then. */
  databaseError?: unknown
  newSession?: NewSession
  message?: Message
  /** The stored hash that a password was found to match. */
  provenHash?: string
  resetUserId?: string
}

const calls = new AsyncLocalStorage<Call>()

function currentCall(): Call {
  const call = calls.getStore()
  if (!call) throw new Error('Better Auth reached for the database outside a call: there is no transaction to use')
  return call
}

/** Accounts with a password and sessions of our own, kept by Better Auth. Its HTTP endpoints are not mounted. */
export class BetterAuthProvider implements IdentityProvider {
  readonly tokenFrom = 'cookie'
  readonly #hashing: PasswordHashing
  readonly #auth: ReturnType<typeof createAuth>

  constructor(hashing: PasswordHashing) {
    this.#hashing = hashing
    this.#auth = createAuth(hashing)
  }

  async authenticate({ db, now }: IdentityContext, token: string): Promise<Authentication> {
    const found = isToken(token) ? await store.findSession(db, tokenHash(token), now) : undefined
    if (!found) return { person: undefined, writeDue: false }
    const { refreshedAt, ...person } = found
    return { person, writeDue: Date.parse(now) - Date.parse(refreshedAt) >= refreshAfterMs }
  }

  async settle(context: IdentityContext, token: string): Promise<Person | undefined> {
    const { db, now } = context
    if (isToken(token)) await store.refreshSession(db, { tokenHash: tokenHash(token), now, idleMs, lifetimeMs })
    return (await this.authenticate(context, token)).person
  }

  signUp(context: IdentityContext, { email, password, name, locale }: SignUp) {
    const address = addressOf(email)
    refuseWeak(password, '/password', [address, name])
    return this.#call(context, async (call) => {
      await store.lockEmail(context.db, address)
      await store.deleteUnverifiedUser(context.db, address)
      const { user } = await this.#auth.api.signUpEmail({ body: { email: address, password, name, locale } })
      if (call.message) {
        await withoutTrace(context.db, () => this.#createDecoy(name, locale))
        return { userId: null, message: call.message }
      }
      return {
        userId: user.id,
        message: await this.#verificationMessage(context, { id: user.id, email: address, locale }),
      }
    })
  }

  signIn(context: IdentityContext, { email, password }: { email: string; password: string }): Promise<NewSession> {
    return this.#call(context, async (call) => {
      const address = normalisedEmail(email)
      if (!address) throw new Failure(credentialsWrong)
      const { user } = await this.#auth.api.signInEmail({ body: { email: address, password } })
      // A reset that committed since the hash was read has ended all sessions; this one must not survive it.
      const unchanged = await store.lockPassword(context.db, user.id, call.provenHash ?? '')
      if (!unchanged) throw new Failure(credentialsWrong)
      return newSessionOf(call)
    })
  }

  requestVerification(context: IdentityContext, { email }: { email: string }): Promise<Message | null> {
    const address = addressOf(email)
    return this.#call(context, async () => {
      const { internalAdapter } = await this.#auth.$context
      const found = await internalAdapter.findUserByEmail(address)
      if (found && !found.user.emailVerified) return this.#verificationMessage(context, withLocale(found.user))
      await withoutTrace(context.db, () => this.#newMailToken(context, newId()))
      return null
    })
  }

  verifyEmail(context: IdentityContext, { token }: { token: string }): Promise<{ userId: string }> {
    return this.#call(context, async () => {
      const { internalAdapter } = await this.#auth.$context
      const consumed = await internalAdapter.consumeVerificationValue(`verify-email:${token}`)
      if (!consumed) throw new Failure(mailTokenInvalid)
      await internalAdapter.updateUser(consumed.value, { emailVerified: true })
      await store.deleteMailTokens(context.db, consumed.value)
      return { userId: consumed.value }
    })
  }

  requestPasswordReset(context: IdentityContext, { email }: { email: string }): Promise<Message | null> {
    const address = addressOf(email)
    return this.#call(context, async (call) => {
      await this.#auth.api.requestPasswordReset({ body: { email: address } })
      return call.message ?? null
    })
  }

  resetPassword(context: IdentityContext, { token, password }: { token: string; password: string }) {
    refuseWeak(password, '/password')
    return this.#call(context, async (call) => {
      await this.#auth.api.resetPassword({ body: { token, newPassword: password } })
      const userId = call.resetUserId
      if (!userId) throw new Error('Better Auth reset a password without saying whose')
      const { internalAdapter } = await this.#auth.$context
      await internalAdapter.updateUser(userId, { emailVerified: true })
      await store.deleteMailTokens(context.db, userId)
      return { userId }
    })
  }

  changePassword(
    context: IdentityContext,
    { userId, currentPassword, newPassword }: PasswordChange,
  ): Promise<NewSession> {
    return this.#call(context, async (call) => {
      const { internalAdapter } = await this.#auth.$context
      const account = await internalAdapter.findCredentialAccount(userId)
      const isRight = account?.password ? await this.#hashing.verify(account.password, currentPassword) : false
      if (!isRight) throw new Failure(passwordWrong, { errors: [fieldError('/currentPassword', 'wrong')] })
      const { email, name } = await this.profile(context, userId)
      refuseWeak(newPassword, '/newPassword', [email, name])
      await internalAdapter.updatePassword(userId, await this.#hashing.hash(newPassword))
      await internalAdapter.deleteUserSessions(userId)
      await store.deleteMailTokens(context.db, userId)
      await internalAdapter.createSession(userId)
      return newSessionOf(call)
    })
  }

  sessions({ db, now }: IdentityContext, { userId, currentId }: { userId: string; currentId?: string | undefined }) {
    return store.sessionsOf(db, userId, currentId ?? null, now)
  }

  async revokeSession({ db }: IdentityContext, { userId, sessionId }: { userId: string; sessionId: string }) {
    if ((await store.deleteSession(db, userId, sessionId)) === 0) throw new Failure(notFound)
  }

  revokeOtherSessions({ db }: IdentityContext, { userId, sessionId }: { userId: string; sessionId: string }) {
    return store.deleteOtherSessions(db, userId, sessionId)
  }

  profile({ db }: IdentityContext, userId: string): Promise<Profile> {
    return store.findProfile(db, userId).then(orNotFound)
  }

  updateProfile({ db, now }: IdentityContext, userId: string, changes: ProfileChanges): Promise<Profile> {
    return store.updateProfile(db, userId, changes, now).then(orNotFound)
  }

  async #call<Result>(context: IdentityContext, work: (call: Call) => Promise<Result>): Promise<Result> {
    const call: Call = { context }
    try {
      const result = await calls.run(call, () => work(call))
      if (call.databaseError) throw call.databaseError
      return result
    } catch (error) {
      throw call.databaseError ?? ourFailure(error)
    }
  }

  async #verificationMessage(context: IdentityContext, user: Recipient): Promise<Message> {
    const token = await this.#newMailToken(context, user.id)
    return { template: 'verify-email', to: user.email, locale: user.locale, values: { token } }
  }

  async #newMailToken({ now }: IdentityContext, userId: string): Promise<string> {
    const token = newToken()
    const { internalAdapter } = await this.#auth.$context
    await internalAdapter.createVerificationValue({
      identifier: `verify-email:${token}`,
      value: userId,
      expiresAt: new Date(Date.parse(now) + verificationMs),
    })
    return token
  }

  /** What a sign-up writes, for an address that cannot exist: so that a known address costs as much as a new one. */
  async #createDecoy(name: string, locale: Locale): Promise<void> {
    const { internalAdapter } = await this.#auth.$context
    const user = await internalAdapter.createUser(
      { email: `${newId()}@invalid.invalid`, name, locale, emailVerified: false },
      { method: 'email-password' },
    )
    await internalAdapter.linkAccount({ userId: user.id, providerId: 'credential', accountId: user.id })
    await this.#newMailToken(currentCall().context, user.id)
  }
}

function createAuth(hashing: PasswordHashing) {
  return betterAuth({
    database: identityAdapter(() => ({ all: onCurrentTransaction('all'), change: onCurrentTransaction('change') })),
    // Better Auth signs its cookies and links with it; neither leaves this process, so nothing has to outlive it.
    secret: randomBytes(32).toString('hex'),
    baseURL: 'http://localhost',
    logger: { disabled: true },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    advanced: { database: { generateId: () => newId(), joins: true, validateSchema: false } },
    user: { modelName: 'users', additionalFields: { locale: { type: 'string', required: true } } },
    account: { modelName: 'accounts' },
    session: {
      modelName: 'sessions',
      fields: { token: 'tokenHash', ipAddress: 'address' },
      expiresIn: idleMs / 1000,
      disableSessionRefresh: true,
    },
    verification: { modelName: 'verifications', storeIdentifier: 'hashed', disableCleanup: true },
    emailAndPassword: {
      enabled: true,
      autoSignIn: false,
      requireEmailVerification: true,
      // Our own rule has spoken before (weaknessOf), in code points; Better Auth counts UTF-16 units.
      minPasswordLength: 1,
      maxPasswordLength: 1_024,
      password: { hash: (password) => hashing.hash(password), verify: (claim) => provePassword(hashing, claim) },
      resetPasswordTokenExpiresIn: passwordResetMs / 1000,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: async ({ user, token }) => {
        const { email, locale } = withLocale(user)
        currentCall().message = { template: 'reset-password', to: email, locale, values: { token } }
      },
      onPasswordReset: async ({ user }) => {
        currentCall().resetUserId = user.id
      },
      onExistingUserSignUp: async ({ user }) => {
        const { email, locale } = withLocale(user)
        currentCall().message = { template: 'account-exists', to: email, locale, values: {} }
      },
    },
    emailVerification: { sendOnSignUp: false, sendOnSignIn: false },
    databaseHooks: { session: { create: { before: async ({ userId }) => ({ data: sessionRow(userId) }) } } },
  })
}

function onCurrentTransaction<Method extends 'all' | 'change'>(method: Method): Statements[Method] {
  const send = async (statement: Parameters<Statements[Method]>[0]) => {
    const call = currentCall()
    try {
      return await call.context.db[method](statement)
    } catch (error) {
      call.databaseError ??= error
      throw error
    }
  }
  return send as Statements[Method]
}

async function provePassword(hashing: PasswordHashing, { hash, password }: { hash: string; password: string }) {
  const isRight = await hashing.verify(hash, password)
  if (isRight) currentCall().provenHash = hash
  return isRight
}

/** The row of a new session. Better Auth takes the hash for the token; the token itself stays in this call. */
function sessionRow(userId: string) {
  const call = currentCall()
  const { now, address = null, userAgent } = call.context
  const startedMs = Date.parse(now)
  const token = newToken()
  const id = newId()
  call.newSession = { id, userId, token, expiresAt: new Date(startedMs + lifetimeMs).toISOString() }
  const startedAt = new Date(startedMs)
  return {
    id,
    token: tokenHash(token),
    ipAddress: address,
    userAgent: userAgent?.slice(0, 300) ?? null,
    createdAt: startedAt,
    updatedAt: startedAt,
    expiresAt: new Date(startedMs + idleMs),
  }
}

function newSessionOf(call: Call): NewSession {
  if (!call.newSession) throw new Error('Better Auth signed somebody in without a session')
  return call.newSession
}

interface Recipient {
  readonly id: string
  readonly email: string
  readonly locale: Locale
}

function withLocale(user: { id: string; email: string }): Recipient {
  return user as Recipient
}

/** Does something in this transaction and undoes it: for its cost. */
async function withoutTrace(db: Statements, work: () => Promise<unknown>): Promise<void> {
  await db.change(sql`savepoint without_trace`)
  await work()
  await db.change(sql`rollback to savepoint without_trace`)
}

const failureByCode: Readonly<Record<string, FailureKind>> = {
  INVALID_EMAIL_OR_PASSWORD: credentialsWrong,
  EMAIL_NOT_VERIFIED: emailUnverified,
  INVALID_TOKEN: mailTokenInvalid,
  USER_NOT_FOUND: mailTokenInvalid,
}

/** Our failure for one of Better Auth's; everything else is a defect and stays what it is. */
function ourFailure(error: unknown): unknown {
  const kind = isAPIError(error) ? failureByCode[error.body?.code ?? ''] : undefined
  return kind ? new Failure(kind, { cause: error }) : error
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

function fieldError(pointer: string, code: string) {
  return { pointer, code, detail: fieldDetails[code] ?? '' }
}

const fieldDetails: Readonly<Record<string, string>> = {
  invalid: 'Mail cannot be sent to this address.',
  wrong: 'This is not your current password.',
  too_short: 'Take at least 12 characters.',
  too_long: 'Take at most 256 characters.',
  common: 'This is among the first that an attacker tries.',
}

function orNotFound<Row>(row: Row | undefined): Row {
  if (!row) throw new Failure(notFound)
  return row
}
