import { event } from '#kernel/operation'

export const tenantCreated = event('tenant.created', { version: 1, carries: ['ownerId', 'ownerName', 'ownerEmail'] })
export const tenantActivated = event('tenant.activated', { version: 1, changesAccess: true })
export const tenantRenamed = event('tenant.renamed', { version: 1, changesAccess: true, carries: ['slug', 'name'] })
/** Blocked, or readable only: which, is in the record. */
export const tenantSuspended = event('tenant.suspended', { version: 1, changesAccess: true, carries: ['state'] })
export const tenantReactivated = event('tenant.reactivated', { version: 1, changesAccess: true })
export const tenantCancelled = event('tenant.cancelled', { version: 1, changesAccess: true, carries: ['purgeAfter'] })
export const tenantRestored = event('tenant.restored', { version: 1, changesAccess: true, carries: ['state'] })
export const tenantPurged = event('tenant.purged', { version: 1, changesAccess: true })
/** Nothing of it is left but its line in the directory and the skeleton of its audit log. */
export const tenantErased = event('tenant.erased', { version: 1 })
export const tenantPlanChanged = event('tenant.planChanged', { version: 1, changesAccess: true, carries: ['plan'] })
export const ownershipTransferred = event('tenant.ownershipTransferred', { version: 1, changesAccess: true })
export const memberJoined = event('member.joined', { version: 1, changesAccess: true, carries: ['userId'] })
export const memberRoleChanged = event('member.roleChanged', {
  version: 1,
  changesAccess: true,
  carries: ['userId', 'role'],
})
export const memberRemoved = event('member.removed', { version: 1, changesAccess: true, carries: ['userId'] })
export const memberLeft = event('member.left', { version: 1, changesAccess: true, carries: ['userId'] })
export const invitationSent = event('invitation.sent', { version: 1, carries: ['email', 'role'] })
export const invitationResent = event('invitation.resent', { version: 1 })
export const invitationRevoked = event('invitation.revoked', { version: 1 })
export const onboardingDismissed = event('onboarding.dismissed', { version: 1 })
export const invitationAccepted = event('invitation.accepted', { version: 1 })
export const sessionPolicyChanged = event('sessionPolicy.changed', { version: 1, changesAccess: true })
