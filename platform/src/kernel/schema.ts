import { z } from 'zod'

/**
 * Wire types. They say nothing that JSON Schema (2020-12) cannot say: no transforms, refinements or dates, because the
 * same declaration becomes the validator, the OpenAPI document, the typed client and forms.
 */

export { z }

/** UUID of any version, lower case; ours are version 7. */
export const id = () =>
  z
    .string()
    .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    .meta({ format: 'uuid', maxLength: 36 })

/** ISO 8601 in UTC with milliseconds, as the platform writes instants: `2026-11-21T03:51:16.100Z`. Years 1 to 9999. */
export const instant = () =>
  z
    .string()
    .regex(/^(?!0000)\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
    .meta({ format: 'date-time', maxLength: 24 })

/** A calendar day without a zone, `YYYY-MM-DD`, from year 1 to 9999: PostgreSQL has no year 0, the format `date` has. */
export const day = () =>
  z
    .string()
    .regex(/^(?!0000)\d{4}-\d{2}-\d{2}$/)
    .meta({ format: 'date', maxLength: 10 })

/**
 * One line of text: no control characters, no lone surrogates, no direction overrides (they make one text look like
 * another), and something other than blanks. Length in code points.
 */
export const line = (limits: { max: number; min?: number }) =>
  z
    .string()
    .min(limits.min ?? 1)
    .max(limits.max)
    .regex(lineOfText)
const lineOfText = /^(?=.*\S)[^\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u

/** Text of several lines; may be empty. Tabs and line feeds are its only control characters. */
export const text = (limits: { max: number }) => z.string().max(limits.max).regex(linesOfText)
const linesOfText = /^(?:[^\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]|[\t\n])*$/u

/** What a person types to find something; may be blank. */
export const searchText = () =>
  z
    .string()
    .max(100)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u)

/** An e-mail address (the HTML living standard's pattern, at most 254 octets as in RFC 5321). */
export const email = () =>
  z
    .string()
    .max(254)
    .regex(
      /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+$/,
    )
    .meta({ format: 'email' })

/** Part of an address: lower-case letters, digits and single hyphens, 2 to 40 characters. */
export const slug = () =>
  z
    .string()
    .min(2)
    .max(40)
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)

/** How often a record was changed, from 1; its ETag. */
export const version = () => z.number().int().min(1).max(2_147_483_647)
