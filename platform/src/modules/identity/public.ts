export { findAccount, listAccounts } from './account-store.ts'
export { BetterAuthProvider } from './better-auth.ts'
export { type BreachedPasswords, commonPasswords } from './breached-passwords.ts'
export { emailChanged, emailChangeReverted } from './events.ts'
export { SignedInSession } from './model.ts'
export { OidcProvider } from './oidc.ts'
export { Passkeys } from './passkeys.ts'
export { PasswordHashing } from './password-hashing.ts'
export {
  breachedPasswords,
  identityProvider,
  isFactorDemanded,
  passkeys,
  pendingSignIn,
  secondFactors,
  throttle,
} from './ports.ts'
export type { IdentityProvider } from './provider.ts'
export { findPendingSignIn } from './second-factor-store.ts'
export { SecondFactors } from './second-factors.ts'
export { deleteSessions, findPerson, noteSeen, sessionsOf } from './store.ts'
export { Throttle } from './throttle.ts'
