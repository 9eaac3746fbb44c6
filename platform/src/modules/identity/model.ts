import { email, id, instant, line, z } from '#kernel/schema'

/** Wire types of the module and the rules that need no database. */

export const passwordCharacters = { min: 12, max: 256 }

/** A password somebody chooses; which ones are refused beyond this is said in common-passwords.ts. */
export const newPassword = () => z.string().min(passwordCharacters.min).max(passwordCharacters.max)

/** A password somebody claims to have: never refused for its shape, only compared. */
export const knownPassword = () => z.string().min(1).max(passwordCharacters.max)

/** A single-use token out of a mail. */
export const mailToken = () => z.string().regex(/^[A-Za-z0-9_-]{20,64}$/)

export const locale = () => z.enum(['en', 'es'])
export type Locale = z.infer<ReturnType<typeof locale>>

export const personName = () => line({ max: 100 })

/** A person as they see themselves. */
export const Profile = z.object({
  id: id(),
  email: email(),
  name: personName(),
  locale: locale(),
  createdAt: instant(),
})
export type Profile = z.infer<typeof Profile>

/** What signing in has come to. */
export const SignInOutcome = z.object({
  state: z.enum(['signed_in', 'second_factor_required']),
  profile: Profile.nullable().describe('Null until the second factor is proved.'),
})

/** A code of an authenticator app, or a recovery code; blanks, dashes and case do not matter. */
export const secondFactorCode = () => z.string().min(6).max(40)

export const SecondFactor = z.object({
  enabledAt: instant().nullable().describe('Null: signing in asks for the password only.'),
  authenticatorAt: instant().nullable().describe('Since when there is an authenticator app.'),
  passkeys: z.number().int().min(0),
  recoveryCodesLeft: z.number().int().min(0).max(10),
})

export const AuthenticatorSecret = z.object({
  secret: z.string().max(64).describe('In base32, for people to type.'),
  uri: z.string().max(1_000).describe('The same as an otpauth address, for a QR code.'),
})

export const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string().max(40)).max(10) })

/** A device or program that somebody is signed in with. */
export const SignedInSession = z.object({
  id: id(),
  createdAt: instant(),
  lastSeenAt: instant().describe('To the day: a session in use is marked once in 24 hours.'),
  expiresAt: instant(),
  address: z.string().max(45).nullable(),
  userAgent: z.string().max(300).nullable(),
  current: z.boolean().describe('Whether it is the one that asks.'),
  console: z.boolean().describe('Whether it is of the staff console.'),
})
export type SignedInSession = z.infer<typeof SignedInSession>

/**
 * The form in which an address is stored, compared and throttled: NFC, no blanks around it, lower case. Undefined for
 * what is no address that mail reaches: with Better Auth's own pattern, so that it refuses none of ours later.
 */
export function normalisedEmail(typed: string): string | undefined {
  const address = typed.normalize('NFC').trim().toLowerCase()
  return address.length <= 254 && z.email().safeParse(address).success ? address : undefined
}
