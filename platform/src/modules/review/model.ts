import { Condition } from '#kernel/access/condition'
import { id, instant, z } from '#kernel/schema'
import { RoleName } from '#modules/access'

export const Kind = z.enum(['person', 'serviceAccount', 'key'])

/** One thing that somebody may do something by: a role that was given, or a key. */
export const ReviewEntry = z.object({
  id: id().describe('Of the assignment or of the key.'),
  kind: Kind,
  principalId: id().describe('The account of a member, the service account, or the key.'),
  name: z.string().max(100),
  email: z.string().max(254).nullable().describe('Of a member.'),
  roleName: z.string().max(60).nullable().describe('Null for keys.'),
  roleSystem: RoleName.nullable().describe('Which of the roles that every organisation has; null: none of them.'),
  permissions: z.array(z.string().max(101)).max(500).describe('Of the role or of the key.'),
  conditions: z
    .array(z.object({ permission: z.string().max(101), condition: Condition }))
    .max(500)
    .describe('Those of the permissions that count only under a condition.'),
  scopeKind: z.enum(['tenant', 'team', 'record']),
  scopeResource: z.string().max(50).nullable(),
  scopeId: id().nullable(),
  serviceAccountId: id().nullable().describe('Of a key: the service account whose roles it follows.'),
  since: instant(),
  givenBy: id().nullable().describe('Null: the platform.'),
  givenByName: z.string().max(100).nullable().describe('Null also for who is no member any more.'),
  expiresAt: instant().nullable(),
  lastUsedAt: instant()
    .nullable()
    .describe('When a member last asked for something here, to the hour; when a key was last used, to the minute.'),
})

/** One part of the export. */
export const ReviewExport = z.object({
  content: z.string().describe('Lines of the file.'),
  entries: z.number().int().min(0).max(500),
  nextCursor: z.string().max(200).nullable(),
})
