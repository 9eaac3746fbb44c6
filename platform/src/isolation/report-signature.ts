import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { derivedKey } from '#kernel/database/roles'

/**
 * A report signed by the installation: Ed25519 (RFC 8032) over the report's JSON text, under a key that is derived from
 * the installation's secret. Whoever has noted the public key can check a report without the installation.
 */
export interface SignedReport<Report> {
  readonly report: Report
  /** base64 */
  readonly signature: string
  /** base64 of the key's DER (SubjectPublicKeyInfo, RFC 8410) */
  readonly publicKey: string
}

export function signReport<Report>(report: Report, secret: string): SignedReport<Report> {
  const key = keyOf(secret)
  const signature = sign(null, Buffer.from(JSON.stringify(report)), key).toString('base64')
  return { report, signature, publicKey: publicKeyOf(key) }
}

/** Whether the installation with this secret signed exactly this report. */
export function isSignedBy({ report, signature }: SignedReport<unknown>, secret: string): boolean {
  const key = createPublicKey(keyOf(secret))
  return verify(null, Buffer.from(JSON.stringify(report)), key, Buffer.from(signature, 'base64'))
}

function publicKeyOf(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64')
}

/** What stands before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410 §7). */
const pkcs8Start = Buffer.from('302e020100300506032b657004220420', 'hex')

function keyOf(secret: string): KeyObject {
  const der = Buffer.concat([pkcs8Start, derivedKey(secret, 'signature of reports')])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}
