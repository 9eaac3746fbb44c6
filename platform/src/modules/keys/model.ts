import { id, instant, line, version, z } from '#kernel/schema'

export const keyPrefix = 'tk'

export const Scope = z
  .string()
  .min(3)
  .max(101)
  .regex(/^[a-zA-Z]+:[a-zA-Z]+$/)

export const ApiKey = z.object({
  id: id(),
  name: line({ max: 100 }),
  prefix: z.string().max(16).describe('How the key begins.'),
  scopes: z.array(Scope).max(200).describe('What the key may do, as resource:action.'),
  createdAt: instant(),
  expiresAt: instant().nullable(),
  lastUsedAt: instant().nullable().describe('To the minute.'),
  version: version(),
})

/** The only time the key itself is shown. */
export const NewApiKey = ApiKey.extend({ key: z.string().max(120) })
