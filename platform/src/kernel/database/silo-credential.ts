import { randomBytes } from 'node:crypto'
import { seal, unseal } from '../sealing.ts'
import { derivedKey } from './roles.ts'

/**
 * The password of a silo's login role as the directory keeps it: sealed (see sealing.ts) under a key derived from the
 * installation's secret, bound to the tenant, as base64url.
 */

/** A new random password, sealed. */
export function newCredential(secret: string, tenantId: string): string {
  const password = randomBytes(24).toString('base64url')
  return seal(keyOf(secret), Buffer.from(password), tenantId).toString('base64url')
}

/** The password. Throws when it was sealed with another secret, for another tenant, or altered. */
export function openCredential(credential: string, secret: string, tenantId: string): string {
  try {
    return unseal(keyOf(secret), Buffer.from(credential, 'base64url'), tenantId).toString()
  } catch (error) {
    throw new Error(`the credential of silo ${tenantId} was not sealed with this installation's secret`, {
      cause: error,
    })
  }
}

function keyOf(secret: string): Buffer {
  return derivedKey(secret, 'silo credentials')
}
