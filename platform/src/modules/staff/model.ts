import { email, id, instant, line, slug, z } from '#kernel/schema'
import { SignedInSession } from '#modules/identity'
import { State } from '#modules/tenants'

export const Reason = line({ max: 500 }).describe('Why; kept in the record.')

export const StaffMember = z.object({
  userId: id(),
  email: email(),
  since: instant(),
  appointedBy: z.string().max(36).describe('The account of who appointed them, or the id of the system.'),
  reason: line({ max: 500 }),
})

/** An account. */
export const User = z.object({
  id: id(),
  email: email(),
  name: line({ max: 100 }),
  emailVerified: z.boolean(),
  hasSecondFactor: z.boolean(),
  createdAt: instant(),
})

export const UserInFull = User.extend({
  sessions: z.array(SignedInSession).max(100),
  tenants: z
    .array(z.object({ id: id(), name: line({ max: 100 }), slug: slug().nullable(), state: State }))
    .max(200)
    .describe('Where it is a member.'),
})

/** A setting of the installation. */
export const Setting = z.object({
  name: z.string().max(100),
  description: z.string().max(1_000),
  source: z.enum(['environment', 'default']),
  isSet: z.boolean(),
  isSecret: z.boolean().describe('Whether its value is never shown.'),
  value: z.string().max(4_000).nullable(),
})

const record = () => z.record(z.string(), z.unknown()).nullable()

/** Something that staff did. */
export const StaffAction = z.object({
  id: id(),
  at: instant(),
  operation: z.string().max(100),
  event: z.string().max(100),
  actorId: z.string().max(36).describe('The account, or the id of the system.'),
  actorName: z.string().max(320).nullable().describe('Null or empty: the command line.'),
  resourceKind: z.string().max(50),
  resourceId: id(),
  address: z.string().max(45).nullable(),
  reason: z.string().max(500).nullable(),
  before: record(),
  after: record(),
})
