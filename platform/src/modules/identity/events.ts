import { event } from '#kernel/operation'

export const accountSignedUp = event('account.signedUp', { version: 1 })
export const verificationRequested = event('verification.requested', { version: 1 })
export const accountVerified = event('account.verified', { version: 1, changesAccess: true })
export const passwordResetRequested = event('passwordReset.requested', { version: 1 })
export const passwordReset = event('account.passwordReset', { version: 1, changesAccess: true })
export const passwordChanged = event('account.passwordChanged', { version: 1, changesAccess: true })
export const profileChanged = event('account.profileChanged', { version: 1, changesAccess: true })
export const sessionStarted = event('session.started', { version: 1 })
export const sessionEnded = event('session.ended', { version: 1, changesAccess: true })
