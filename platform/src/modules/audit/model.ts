import { id, instant, z } from '#kernel/schema'

/** One thing that happened. `before` and `after` are the record as it was and became; either may be absent. */
export const AuditEvent = z.object({
  id: id(),
  at: instant(),
  event: z.string().max(100),
  operation: z.string().max(100),
  via: z.string().max(20).describe('workspace, api, command or relay'),
  actor: z.object({ kind: z.string().max(20), id: id(), name: z.string().max(320).nullable() }),
  resource: z.object({ kind: z.string().max(50), id: id() }),
  address: z.string().max(45).nullable(),
  requestId: z.string().max(128),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
})
