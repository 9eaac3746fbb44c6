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
export const secondFactorAsked = event('account.secondFactorAsked', { version: 1 })
export const authenticatorBegun = event('account.authenticatorBegun', { version: 1 })
export const secondFactorEnabled = event('account.secondFactorEnabled', { version: 1, changesAccess: true })
export const secondFactorDisabled = event('account.secondFactorDisabled', { version: 1, changesAccess: true })
export const recoveryCodesRenewed = event('account.recoveryCodesRenewed', { version: 1 })
export const sessionProved = event('session.proved', { version: 1, changesAccess: true })
export const passkeyAdded = event('passkey.added', { version: 1, changesAccess: true })
export const passkeyRenamed = event('passkey.renamed', { version: 1 })
export const passkeyRemoved = event('passkey.removed', { version: 1, changesAccess: true })
export const emailChangeRequested = event('account.emailChangeRequested', { version: 1 })
export const emailChanged = event('account.emailChanged', { version: 1, carries: ['email'], changesAccess: true })
export const emailChangeReverted = event('account.emailChangeReverted', {
  version: 1,
  carries: ['email'],
  changesAccess: true,
})
export const recoveryRequested = event('account.recoveryRequested', { version: 1 })
export const recoveryBegun = event('account.recoveryBegun', { version: 1 })
export const recoveryCancelled = event('account.recoveryCancelled', { version: 1 })
export const recoveryCompleted = event('account.recoveryCompleted', { version: 1, changesAccess: true })
