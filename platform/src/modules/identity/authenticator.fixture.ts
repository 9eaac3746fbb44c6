import { Secret, TOTP } from 'otpauth'

/** What an app shows at an instant, in milliseconds since 1970, that was given this secret (base32). */
export function codeShown(secret: string, atMs: number): string {
  return TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: atMs })
}
