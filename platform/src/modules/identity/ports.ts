import { port } from '#kernel/port'
import type { BreachedPasswords } from './breached-passwords.ts'
import type { Passkeys } from './passkeys.ts'
import type { IdentityProvider } from './provider.ts'
import type { SecondFactors } from './second-factors.ts'
import type { Throttle } from './throttle.ts'

/** Who keeps accounts and sessions: the platform, or an outside OpenID Connect issuer. */
export const identityProvider = port<IdentityProvider>('identity provider')
export const throttle = port<Throttle>('identity throttle')
export const secondFactors = port<SecondFactors>('second factors')
/** Whose sign-in waits under the token of a cookie; asked before an operation's first statement. */
export const pendingSignIn = port<(token: string) => Promise<string | undefined>>('pending sign-in')
export const passkeys = port<Passkeys>('passkeys')
/** Whether any tenant of a person asks for a second factor; asked before an operation's first statement. */
export const isFactorDemanded = port<(userId: string) => Promise<boolean>>('demand for a second factor')
/** Passwords that are known from leaks. */
export const breachedPasswords = port<BreachedPasswords>('breached passwords')
