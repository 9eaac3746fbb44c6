import { hash, randomBytes } from 'node:crypto'

const tenantBytes = 16
const secretBytes = 32

/**
 * A secret that a tenant hands out (a key, an invitation): `prefix_` and, in base64url, the tenant's id and 256 random
 * bits. It says where to look it up, so no global table of secrets is needed and none leaves the tenant's region.
 */
export function newToken(prefix: string, tenantId: string): string {
  const tenant = Buffer.from(tenantId.replaceAll('-', ''), 'hex')
  return `${prefix}_${Buffer.concat([tenant, randomBytes(secretBytes)]).toString('base64url')}`
}

/** The tenant named in a token; undefined when it is no token of this prefix. Says nothing about its validity. */
export function tenantInToken(prefix: string, token: string): string | undefined {
  if (!token.startsWith(`${prefix}_`)) return undefined
  const bytes = Buffer.from(token.slice(prefix.length + 1), 'base64url')
  if (bytes.length !== tenantBytes + secretBytes) return undefined
  const hex = bytes.toString('hex', 0, tenantBytes)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** What is stored of a token, in hex. Its 256 random bits make a slow hash unnecessary. */
export function tokenDigest(token: string): string {
  return hash('sha256', token)
}
