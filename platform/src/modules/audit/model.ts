import { id, instant, version, z } from '#kernel/schema'

/** One thing that happened. `before` and `after` are the record as it was and became; either may be absent. */
export const AuditEvent = z.object({
  id: id(),
  at: instant(),
  event: z.string().max(100),
  operation: z.string().max(100),
  via: z.string().max(20).describe('workspace, api, support, console, command or relay'),
  actor: z.object({
    kind: z.string().max(20).describe('person, key, system, or support: one of the staff in a support session'),
    id: id(),
    name: z.string().max(320).nullable(),
    onBehalfOf: id().nullable().describe('The account of the member as whom support acted; null for everybody else.'),
  }),
  resource: z.object({ kind: z.string().max(50), id: id() }),
  address: z.string().max(45).nullable(),
  requestId: z.string().max(128),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
})

/** What the log can be narrowed by. */
export const AuditFilter = {
  actorId: id().optional(),
  resourceId: id().optional(),
  resource: z
    .string()
    .max(50)
    .regex(/^[a-zA-Z]+$/)
    .optional()
    .describe('The kind of record, such as project.'),
  event: z
    .string()
    .max(100)
    .regex(/^[a-zA-Z]+\.[a-zA-Z]+$/)
    .optional(),
  operation: z
    .string()
    .max(100)
    .regex(/^[a-zA-Z]+\.[a-zA-Z]+$/)
    .optional()
    .describe('What was called, such as projects.update.'),
  changed: z
    .string()
    .max(100)
    .regex(/^[a-zA-Z]\w*$/)
    .optional()
    .describe('A field that has another value after than before.'),
  from: instant().optional().describe('The first instant.'),
  until: instant().optional().describe('The instant after the last.'),
}

export const AuditRetention = z.object({
  days: z.number().int().min(90).max(3650).nullable().describe('How long entries are kept; null: for ever.'),
  version: version(),
})

export const ExportFormat = z.enum(['csv', 'jsonl'])

export const ExportCursor = z
  .string()
  .max(200)
  .regex(/^[\w-]+$/)
  .describe('`nextCursor` of the part before.')

/** One part of an export. */
export const AuditExport = z.object({
  content: z.string().describe('Lines of the file.'),
  entries: z.number().int().min(0).max(500),
  nextCursor: z.string().nullable(),
})
