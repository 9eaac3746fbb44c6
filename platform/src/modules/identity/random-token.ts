import { randomBytes } from 'node:crypto'

/** A secret of 256 random bits in base64url. What is stored of it is `tokenDigest` (#kernel/token). */
export function randomToken(): string {
  return randomBytes(32).toString('base64url')
}

export function isRandomToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text)
}
