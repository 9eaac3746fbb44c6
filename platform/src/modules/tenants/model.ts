import { email, id, instant, line, slug, version, z } from '#kernel/schema'
import { RoleName } from '#modules/access'

export const TenantName = line({ max: 100 })

export const State = z.enum(['provisioning', 'active', 'read_only', 'suspended', 'cancelled', 'purged'])
export const Reason = line({ max: 500 }).describe('Why; the members of the organisation can read it in the audit log.')

/** Where rows are: in tables shared with others, in a schema or in a database of the tenant alone. */
export const Model = z.enum(['pool', 'bridge', 'silo'])
/** Of a region or a cell, as the installation is configured. */
export const PlaceName = z
  .string()
  .max(40)
  .regex(/^[a-z][a-z0-9-]*$/, 'must be of lower-case letters, digits and hyphens')

/** As the product declares it. */
export const PlanKey = z
  .string()
  .max(40)
  .regex(/^[a-z][a-z0-9_]*$/, 'must be of lower-case letters, digits and underscores')

export const Cell = z.object({
  name: PlaceName,
  region: PlaceName,
  reserved: z.boolean().describe('Only organisations for which somebody names it come here.'),
})

export const Plan = z.object({
  key: PlanKey,
  name: line({ max: 100 }),
  weight: z.number().min(1).max(10).describe('Its part of the database when there is much to do.'),
  timeoutMs: z.number().int().min(1_000).max(60_000).describe('How long one operation may take.'),
})

export const Tenant = z.object({ id: id(), slug: slug(), name: TenantName, createdAt: instant(), version: version() })

/** What a tenant asks of its people's sessions beyond being signed in. */
export const SessionPolicy = z.object({
  mfaRequired: z.boolean().describe('Whether people need a session that began with a second factor.'),
  idleTimeoutMinutes: z.number().int().min(5).max(10_080).nullable().describe('Null: what the platform allows.'),
  sessionMaxHours: z.number().int().min(1).max(720).nullable().describe('Null: what the platform allows.'),
  version: version(),
})

/** A tenant in the list of those that a person belongs to. */
export const OwnTenant = Tenant.extend({ state: State })

/** How a tenant was cancelled, for its owner. */
export const Cancellation = z.object({ reason: line({ max: 500 }), cancelledAt: instant(), purgeAfter: instant() })

/** A tenant as staff see it. Once it is purged it has no slug. */
export const DirectoryEntry = z.object({
  id: id(),
  slug: slug().nullable(),
  name: TenantName,
  state: State,
  stateSince: instant(),
  reason: line({ max: 500 }).nullable().describe('Why it is in this state; null when nobody gave one.'),
  purgeAfter: instant().nullable().describe('Of a cancelled one: until then it can be restored.'),
  erasedAt: instant().nullable().describe('Of a purged one: when its last row was deleted.'),
  region: PlaceName.describe('Everything of it stays there.'),
  plan: PlanKey,
  cell: PlaceName,
  model: Model,
  createdAt: instant(),
  version: version(),
})
export const DirectoryEntryInFull = DirectoryEntry.extend({ members: z.number().int().min(0) })

/** A tenant as one of its members enters it. */
export const CurrentTenant = z.object({
  id: id(),
  slug: slug(),
  name: TenantName,
  state: State,
  permissions: z.array(z.string().max(101)).max(500).describe('What you may do here, as resource:action.'),
  somewhere: z
    .array(z.string().max(101))
    .max(500)
    .describe('What you may do at least to some records here: these, and what roles on records and teams add.'),
})

export const Member = z.object({
  id: id(),
  userId: id(),
  name: line({ max: 100 }),
  email: email(),
  role: RoleName,
  joinedAt: instant(),
  version: version(),
})

export const Invitation = z.object({
  id: id(),
  email: email(),
  role: RoleName,
  name: line({ max: 100 }).nullable().describe('What whoever invited them calls them.'),
  createdAt: instant(),
  expiresAt: instant(),
  version: version(),
})

/** A file as it is read. NUL and lone surrogates are in no text. */
export const InvitationFile = z
  .string()
  .min(1)
  .max(200_000)
  .regex(/^[^\0\p{Cs}]*$/u)
  .describe('Comma-separated values, the names of the columns in the first line.')

const LineProblem = z.enum([
  'columns',
  'email',
  'role',
  'name',
  'formula',
  'twice',
  'member',
  'invited',
  'notGrantable',
])
export type LineProblem = z.infer<typeof LineProblem>

/** What becomes of each line of a file. */
export const InvitationBatch = z.object({
  lines: z
    .array(
      z.object({
        line: z.number().int().min(1),
        email: z.string().max(254),
        role: z.string().max(254),
        name: z.string().max(254).nullable(),
        problem: LineProblem.nullable().describe(
          'Why they are not invited; null: they are. `columns`: too many or too few cells. `formula`: a spreadsheet would compute it. `twice`: an earlier line has the address.',
        ),
      }),
    )
    .max(500),
  invited: z.number().int().min(0).max(500),
})

export const InvitationToken = z
  .string()
  .min(20)
  .max(120)
  .regex(/^inv_[\w-]+$/)

/** What somebody who holds an invitation's token may know before joining. */
export const InvitationPreview = z.object({
  tenant: z.object({ slug: slug(), name: TenantName }),
  email: email(),
  role: RoleName,
  state: z.enum(['open', 'expired', 'accepted', 'revoked']),
})

export const invitationPrefix = 'inv'
export const invitationDays = 7

/** A slug from a name: lower-case ASCII letters and digits with hyphens, at most 40 characters; may come out empty. */
export function slugFrom(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return plain
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-|-$/g, '')
}
