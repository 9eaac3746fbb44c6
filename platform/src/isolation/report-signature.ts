import { Signatures } from '#kernel/signature'

const purpose = 'signature of reports'

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
  const signatures = new Signatures(secret, purpose)
  const signature = signatures.sign(Buffer.from(JSON.stringify(report))).toString('base64')
  return { report, signature, publicKey: signatures.publicKey }
}

/** Whether the installation with this secret signed exactly this report. */
export function isSignedBy({ report, signature }: SignedReport<unknown>, secret: string): boolean {
  const signatures = new Signatures(secret, purpose)
  return signatures.hasSigned(Buffer.from(JSON.stringify(report)), Buffer.from(signature, 'base64'))
}
