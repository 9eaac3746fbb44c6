import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { derivedKey } from './roles.ts'

/**
 * The password of a silo's login role as the directory keeps it: AES-256-GCM (NIST SP 800-38D) under a key derived from
 * the installation's secret, bound to the tenant so that one tenant's does not open for another, as base64url of
 * nonce (12 bytes), tag (16 bytes) and ciphertext.
 */

const nonceBytes = 12
const tagBytes = 16

/** A new random password, sealed. */
export function newCredential(secret: string, tenantId: string): string {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret), nonce).setAAD(Buffer.from(tenantId))
  const sealed = Buffer.concat([cipher.update(randomBytes(24).toString('base64url')), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
}

/** The password. Throws when it was sealed with another secret, for another tenant, or altered. */
export function openCredential(credential: string, secret: string, tenantId: string): string {
  const bytes = Buffer.from(credential, 'base64url')
  const nonce = bytes.subarray(0, nonceBytes)
  const tag = bytes.subarray(nonceBytes, nonceBytes + tagBytes)
  try {
    const decipher = createDecipheriv('aes-256-gcm', keyOf(secret), nonce, { authTagLength: tagBytes })
    decipher.setAAD(Buffer.from(tenantId)).setAuthTag(tag)
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString()
  } catch (error) {
    throw new Error(`the credential of silo ${tenantId} was not sealed with this installation's secret`, {
      cause: error,
    })
  }
}

function keyOf(secret: string): Buffer {
  return derivedKey(secret, 'silo credentials')
}
