import { event } from '#kernel/operation'

export const keyCreated = event('key.created', {
  version: 1,
  carries: ['name', 'scopes', 'expiresAt', 'serviceAccountId'],
})
/** Another key is there in its place; it works until its new end. */
export const keyRotated = event('key.rotated', { version: 1, carries: ['expiresAt'], changesAccess: true })
export const keyRevoked = event('key.revoked', { version: 1, changesAccess: true })
export const serviceAccountCreated = event('serviceAccount.created', { version: 1, carries: ['name'] })
export const serviceAccountUpdated = event('serviceAccount.updated', {
  version: 1,
  carries: ['name', 'disabledAt'],
  changesAccess: true,
})
export const serviceAccountDeleted = event('serviceAccount.deleted', { version: 1, changesAccess: true })
