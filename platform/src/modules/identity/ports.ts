import { port } from '#kernel/port'
import type { IdentityProvider } from './provider.ts'
import type { Throttle } from './throttle.ts'

/** Who keeps accounts and sessions: the platform, or an outside OpenID Connect issuer. */
export const identityProvider = port<IdentityProvider>('identity provider')
export const throttle = port<Throttle>('identity throttle')
