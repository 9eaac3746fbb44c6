import { id, instant, line, text, version, z } from '#kernel/schema'

export const keyPrefix = 'tk'

export const Scope = z
  .string()
  .min(3)
  .max(101)
  .regex(/^[a-zA-Z]+:[a-zA-Z]+$/)

export const AccountName = line({ max: 60 })
export const AccountDescription = text({ max: 500 })

export const ServiceAccount = z.object({
  id: id(),
  name: z.string().max(60),
  description: z.string().max(500),
  disabledAt: instant().nullable().describe('Since when its keys are refused; null: they work.'),
  keys: z.number().int().min(0).describe('How many keys it has that are neither revoked nor expired.'),
  lastUsedAt: instant().nullable().describe('When one of its keys was last used, to the minute.'),
  createdAt: instant(),
  updatedAt: instant(),
  version: version(),
})

export const ApiKey = z.object({
  id: id(),
  name: line({ max: 100 }),
  prefix: z.string().max(16).describe('How the key begins.'),
  serviceAccountId: id().nullable().describe('Whose key it is; null: it is a key of its own.'),
  serviceAccountName: z.string().max(60).nullable(),
  scopes: z
    .array(Scope)
    .max(200)
    .describe('What the key may do, as resource:action. Empty: all that its service account may.'),
  createdAt: instant(),
  expiresAt: instant().nullable(),
  lastUsedAt: instant().nullable().describe('To the minute.'),
  version: version(),
})

/** The only time the key itself is shown. */
export const NewApiKey = ApiKey.extend({ key: z.string().max(120) })
