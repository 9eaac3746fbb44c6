import { hash, randomBytes } from 'node:crypto'

/** A session that is not used for this long ends; use lengthens it, at most once in `refreshAfterMs`. */
export const idleMs = 7 * 24 * 3_600_000
/** No session lives longer, however much it is used. */
export const lifetimeMs = 30 * 24 * 3_600_000
export const refreshAfterMs = 24 * 3_600_000

/** 256 random bits, base64url. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** What the database keeps of a session's token. The token is random, so a plain sha256 cannot be reversed by guessing. */
export function tokenHash(token: string): string {
  return hash('sha256', token)
}

export function isToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text)
}
