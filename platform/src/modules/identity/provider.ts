import type { SignInFacts, Via } from '#kernel/context'
import type { Session as Statements } from '#kernel/database/session'
import type { Locale, Profile, SignedInSession } from './model.ts'

/**
 * What the platform knows of accounts and sessions. Two implementations: accounts of our own (better-auth.ts) and those
 * of an outside OpenID Connect issuer (oidc.ts), where everything that the issuer does fails with `identity.external`.
 *
 * Every call runs on the transaction that it is given and leaves nothing outside it: what the caller rolls back has
 * not happened. Nothing is sent from here; what must be mailed is handed back for the same transaction's outbox.
 */
export interface IdentityProvider {
  /** Where a caller's token comes from: the session cookie, or `Authorization: Bearer`. */
  readonly tokenFrom: 'cookie' | 'authorization'

  /**
   * Who a token belongs to. Reads only, so it may run on a read-only session. A cookie of nobody is nobody; a bearer
   * token that is refused fails with `identity.token_refused`, or `identity.issuer_unreachable`.
   */
  authenticate(context: IdentityContext, token: string): Promise<Authentication>

  /**
   * To be called in a writing transaction when `authenticate` said `writeDue`: lengthens the session, or creates the
   * person at first sight (`identity.email_unverified` when the token vouches for no address).
   */
  settle(context: IdentityContext, token: string): Promise<Person | undefined>

  /**
   * An account whose address is still to be confirmed. A known address answers alike, in the same time, and its owner
   * is told by mail; only the returned `userId`, which is for the audit row and never for the reply, is then null.
   * An address nobody has confirmed yet belongs to the latest sign-up. Fails: `email_invalid`, `password_weak`.
   */
  signUp(context: IdentityContext, input: SignUp): Promise<{ userId: string | null; message: Message }>

  /**
   * A new session, or a sign-in that waits for the person's second factor. Fails: `credentials_wrong` (in the same time
   * for unknown addresses), `email_unverified`.
   */
  signIn(context: IdentityContext, input: { email: string; password: string }): Promise<SignIn>

  /** The session that a sign-in was waiting for; the caller asks for the second factor. Fails: `sign_in_expired`. */
  resumeSignIn(context: IdentityContext, waiting: { userId: string; token: string }): Promise<NewSession>

  /** A session of somebody who has proved who they are in another way than by password. */
  beginSession(context: IdentityContext, input: { userId: string; hasSecondFactor: boolean }): Promise<NewSession>

  /** Fails with `password_wrong`. */
  provePassword(context: IdentityContext, claim: { userId: string; password: string }): Promise<void>

  /** The same session under a new token, its person having just proved something. */
  renewSession(
    context: IdentityContext,
    input: { userId: string; sessionId: string; hasSecondFactor: boolean },
  ): Promise<NewSession>

  /** Ends all sessions of a person, and sign-ins that wait, and begins one. */
  replaceSessions(context: IdentityContext, input: { userId: string; hasSecondFactor: boolean }): Promise<NewSession>

  /** Another mail with a link to confirm an address. Null, in the same time, when there is nothing to confirm. */
  requestVerification(context: IdentityContext, input: { email: string }): Promise<Message | null>

  /** Confirms the address that a token was mailed to. Fails: `mail_token_invalid`. */
  verifyEmail(context: IdentityContext, input: { token: string }): Promise<{ userId: string }>

  /** A mail with a link to reset the password. Null, in the same time, when the address has no account. */
  requestPasswordReset(context: IdentityContext, input: { email: string }): Promise<Message | null>

  /**
   * Sets a new password, ends all sessions, voids all other links and confirms the address: the token came by mail.
   * Fails: `mail_token_invalid`, `password_weak`.
   */
  resetPassword(context: IdentityContext, input: { token: string; password: string }): Promise<{ userId: string }>

  /** Sets a new password and ends all sessions but the one it returns. Fails: `password_wrong`, `password_weak`. */
  changePassword(context: IdentityContext, input: PasswordChange): Promise<NewSession>

  /** The live sessions of a person, the latest first; at most 100. */
  sessions(context: IdentityContext, of: { userId: string; currentId?: string }): Promise<SignedInSession[]>

  /** Ends one session, also one's own. Fails with `resource.not_found` when the person has no such session. */
  revokeSession(context: IdentityContext, input: { userId: string; sessionId: string }): Promise<void>

  /** Ends all sessions but one, and says which, so that caches can forget them. */
  revokeOtherSessions(context: IdentityContext, input: { userId: string; sessionId: string }): Promise<string[]>

  /** Fails with `resource.not_found` when there is no such person. */
  profile(context: IdentityContext, userId: string): Promise<Profile>
  updateProfile(context: IdentityContext, userId: string, changes: ProfileChanges): Promise<Profile>
}

/** A transaction on the identity role, the instant it works at, and where the caller is. `OpenCtx` of the kernel is one. */
export interface IdentityContext {
  readonly db: Statements
  /** ISO 8601 UTC. */
  readonly now: string
  readonly address?: string | undefined
  readonly userAgent?: string | undefined
  /** Sessions that begin at the console's door are of the console. */
  readonly via?: Via | undefined
}

export interface Person {
  readonly userId: string
  readonly email: string
  readonly name: string
  readonly locale: Locale
  /** Absent for people with a token of an outside issuer. */
  readonly sessionId?: string
  readonly signIn: SignInFacts
}

export interface Authentication {
  readonly person: Person | undefined
  /** Whether `settle` should be called: the session is due to be lengthened, or the person is not known yet. */
  readonly writeDue: boolean
}

export interface SignUp {
  readonly email: string
  readonly password: string
  readonly name: string
  readonly locale: Locale
}

export interface PasswordChange {
  readonly userId: string
  readonly currentPassword: string
  readonly newPassword: string
  /** Of the session that goes on. */
  readonly hasSecondFactor: boolean
}

export interface ProfileChanges {
  readonly name?: string | undefined
  readonly locale?: Locale | undefined
}

/** A session just made. The token exists here and in the caller's cookie only; the database keeps its sha256. */
export interface NewSession {
  readonly id: string
  readonly userId: string
  readonly token: string
  /** When the cookie ends, however much the session is used. ISO 8601 UTC. */
  readonly expiresAt: string
}

/** A session, or with `isPending` what becomes one by `resumeSignIn` until it expires. */
export type SignIn = NewSession & { readonly isPending: boolean }

/** What must be mailed: the template's name, to whom, and what to fill in. Tokens in it are secret until delivered. */
export type Message =
  | {
      readonly template: 'verify-email'
      readonly to: string
      readonly locale: Locale
      readonly values: { token: string }
    }
  | {
      readonly template: 'reset-password'
      readonly to: string
      readonly locale: Locale
      readonly values: { token: string }
    }
  | {
      readonly template: 'account-exists'
      readonly to: string
      readonly locale: Locale
      readonly values: Record<never, never>
    }
