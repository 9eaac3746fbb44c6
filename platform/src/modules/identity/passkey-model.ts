import { id, instant, line, z } from '#kernel/schema'

/** Wire types of passkeys. What browsers answer is narrowed to the fields that are looked at (WebAuthn Level 3, §5.1). */

export const passkeysMax = 20

export const passkeyName = () => line({ max: 60 })

const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/)
const credentialId = () => base64url(1_400)
const challenge = () => base64url(200)

/** Ways to reach an authenticator that browsers know by now; it is a hint, so others are not worth keeping. */
const transport = () => z.enum(['ble', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'])
export type Transport = z.infer<ReturnType<typeof transport>>

/** A passkey that a browser has just made: `id` and parts of `response` of its `toJSON()`. */
export const PasskeyRegistration = z.strictObject({
  id: credentialId(),
  clientDataJSON: base64url(4_000),
  attestationObject: base64url(16_000),
  transports: z.array(transport()).max(6),
})
export type PasskeyRegistration = z.infer<typeof PasskeyRegistration>

/** A challenge that a passkey has signed: `id` and parts of `response` of the browser's `toJSON()`. */
export const PasskeyAssertion = z.strictObject({
  id: credentialId(),
  clientDataJSON: base64url(4_000),
  authenticatorData: base64url(4_000),
  signature: base64url(8_000),
})
export type PasskeyAssertion = z.infer<typeof PasskeyAssertion>

export const Passkey = z.object({
  id: id(),
  name: passkeyName(),
  createdAt: instant(),
  lastUsedAt: instant().nullable(),
})
export type Passkey = z.infer<typeof Passkey>

const KnownCredential = z.object({
  type: z.literal('public-key'),
  id: credentialId(),
  transports: z.array(transport()).max(6).optional(),
})

const timeoutMs = () => z.number().int().min(1).max(600_000).describe('In milliseconds.')

/** `PublicKeyCredentialCreationOptionsJSON`, as browsers read it. */
export const PasskeyCreationOptions = z.object({
  rp: z.object({ id: z.string().max(253), name: z.string().max(100) }),
  user: z.object({ id: base64url(100), name: z.string().max(254), displayName: z.string().max(100) }),
  challenge: challenge(),
  pubKeyCredParams: z.array(z.object({ type: z.literal('public-key'), alg: z.number().int() })).max(5),
  timeout: timeoutMs(),
  attestation: z.literal('none'),
  excludeCredentials: z.array(KnownCredential).max(100),
  authenticatorSelection: z.object({
    residentKey: z.literal('required'),
    requireResidentKey: z.literal(true),
    userVerification: z.literal('required'),
  }),
})
export type PasskeyCreationOptions = z.infer<typeof PasskeyCreationOptions>

/** `PublicKeyCredentialRequestOptionsJSON`, as browsers read it. */
export const PasskeyRequestOptions = z.object({
  rpId: z.string().max(253),
  challenge: challenge(),
  timeout: timeoutMs(),
  userVerification: z.literal('required'),
  allowCredentials: z
    .array(KnownCredential)
    .max(100)
    .describe('Of whoever is known already; empty: any passkey of this site.'),
})
export type PasskeyRequestOptions = z.infer<typeof PasskeyRequestOptions>
