import { id, instant, version, z } from '#kernel/schema'

/** As manifests name kinds of records: `project`. */
export const ResourceName = z
  .string()
  .max(50)
  .regex(/^[a-z][a-zA-Z]*$/)

export const TrashedRecord = z.object({
  id: id(),
  resource: ResourceName,
  name: z.string().max(500).describe('What people know it by.'),
  deletedAt: instant(),
  deletedById: id().nullable().describe('The account, service account or key that deleted it.'),
  purgeAfter: instant().describe('From then on it may be deleted for good, with all that is part of it.'),
  version: version(),
})
export type TrashedRecord = z.infer<typeof TrashedRecord>
