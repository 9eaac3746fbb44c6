import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import type { Auth } from 'better-auth'
import { isAPIError } from 'better-auth/api'
import { type BetterAuthOptions, betterAuth } from 'better-auth/minimal'
import type { Session as Statements } from '#kernel/database/session'
import { Failure, type FailureKind } from '#kernel/errors/failure'
import { newId } from '#kernel/id'
import { tokenDigest } from '#kernel/token'
import { identityAdapter } from './better-auth-adapter.ts'
import { credentialsWrong, emailUnverified } from './failures.ts'
import type { Locale } from './model.ts'
import type { PasswordHashing } from './password-hashing.ts'
import type { IdentityContext, NewSession } from './provider.ts'
import { randomToken } from './random-token.ts'
import { idleMs, lifetimeMs } from './session-lifetime.ts'

/** One call of ours while Better Auth works on it: where its statements go, and what its hooks tell us. */
export interface Call {
  readonly context: IdentityContext
  /** The first error of the database. Better Auth hides it behind one of its own, and the transaction is lost by then. */
  databaseError?: unknown
  newSession?: NewSession
  /** Whether the person of the session that is being made has proved a second factor. */
  hasSecondFactor?: boolean
  /** The stored hash that a password was found to match. */
  provenHash?: string
  /** The account that a sign-up found at its address. */
  existing?: Account
}

/** Better Auth's user with the field that we added. */
export interface Account {
  readonly id: string
  readonly email: string
  readonly emailVerified: boolean
  readonly locale: Locale
}

const calls = new AsyncLocalStorage<Call>()

function currentCall(): Call {
  const call = calls.getStore()
  if (!call) throw new Error('Better Auth reached for the database outside a call: there is no transaction to use')
  return call
}

/** Runs work with Better Auth's statements on the context's transaction, and its errors turned into our failures. */
export async function withBetterAuth<Result>(
  context: IdentityContext,
  work: (call: Call) => Promise<Result>,
): Promise<Result> {
  const call: Call = { context }
  try {
    const result = await calls.run(call, () => work(call))
    if (call.databaseError) throw call.databaseError
    return result
  } catch (error) {
    throw call.databaseError ?? ourFailure(error)
  }
}

const failureByCode: Readonly<Record<string, FailureKind>> = {
  INVALID_EMAIL_OR_PASSWORD: credentialsWrong,
  EMAIL_NOT_VERIFIED: emailUnverified,
}

/** Our failure for one of Better Auth's; everything else is a defect and stays what it is. */
function ourFailure(error: unknown): unknown {
  const kind = isAPIError(error) ? failureByCode[error.body?.code ?? ''] : undefined
  return kind ? new Failure(kind, { cause: error }) : error
}

/** Better Auth without HTTP, cookies, mail or a connection of its own; only ever called through `withBetterAuth`. */
export function createBetterAuth(hashing: PasswordHashing): Auth<ReturnType<typeof optionsWith>> {
  return betterAuth(optionsWith(hashing))
}

function optionsWith(hashing: PasswordHashing) {
  return {
    database: identityAdapter({ all: onCurrentTransaction('all'), change: onCurrentTransaction('change') }),
    // It signs its cookies and mail tokens with this. We use neither, so it need not outlive the process.
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
      additionalFields: {
        secondFactor: { type: 'boolean', required: true },
        console: { type: 'boolean', required: true },
      },
      expiresIn: idleMs / 1000,
    },
    // Its clean-up would delete other people's expired rows inside this person's transaction; see deleteExpired().
    verification: { modelName: 'verifications', storeIdentifier: 'hashed', disableCleanup: true },
    emailAndPassword: {
      enabled: true,
      autoSignIn: false,
      requireEmailVerification: true,
      // Our own rule, in code points, has spoken before; Better Auth counts UTF-16 units.
      minPasswordLength: 1,
      maxPasswordLength: 1_024,
      password: { hash: (password) => hashing.hash(password), verify: (claim) => provePassword(hashing, claim) },
      onExistingUserSignUp: async ({ user }) => {
        currentCall().existing = user as typeof user & Account
      },
    },
    emailVerification: { sendOnSignUp: false, sendOnSignIn: false },
    databaseHooks: { session: { create: { before: async ({ userId }) => ({ data: sessionRow(userId) }) } } },
  } satisfies BetterAuthOptions
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
  const { now, address = null, userAgent, via } = call.context
  const startedMs = Date.parse(now)
  const token = randomToken()
  const id = newId()
  call.newSession = { id, userId, token, expiresAt: new Date(startedMs + lifetimeMs).toISOString() }
  return {
    id,
    token: tokenDigest(token),
    ipAddress: address,
    userAgent: userAgent?.slice(0, 300) ?? null,
    createdAt: new Date(startedMs),
    updatedAt: new Date(startedMs),
    expiresAt: new Date(startedMs + idleMs),
    secondFactor: call.hasSecondFactor ?? false,
    console: via === 'console',
  }
}
