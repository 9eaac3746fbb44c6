import { id, instant, line, slug, version, z } from '#kernel/schema'
import { RoleName } from '#modules/access'
import { PlanKey } from '#modules/tenants'

/** `module.name`, as a module declares it. */
export const FlagKey = z
  .string()
  .max(80)
  .regex(/^[a-z][a-zA-Z]*\.[a-z][a-zA-Z]*$/, 'must be the name of a module, a dot and a name')

export const Reason = line({ max: 500 }).describe('Why; kept in the record.')
/** For what is done to one tenant. */
export const ReasonForTenant = line({ max: 500 }).describe(
  'Why; the members of the organisation can read it in the audit log.',
)

const percentage = () => z.number().int().min(0).max(100).nullable()

/** What staff say of a flag, in full: what is left out is no rule. */
export const FlagRules = {
  state: z.enum(['rules', 'on', 'off']).describe('For everybody, or by the rules.'),
  roles: z.array(RoleName).max(10).default([]).describe('On for who has one of these for the whole organisation.'),
  plans: z.array(PlanKey).max(50).default([]).describe('On in organisations of these plans.'),
  percentage: percentage().default(null).describe('On in so many of a hundred organisations, always the same ones.'),
  startsAt: instant().nullable().default(null).describe('Before, the flag is as it was declared.'),
  endsAt: instant().nullable().default(null).describe('From then on, the flag is as it was declared.'),
}

/** A flag as a member sees it. */
export const Flag = z.object({ key: FlagKey, on: z.boolean() })

/** A flag as staff see it. */
export const StaffFlag = z.object({
  id: id(),
  key: FlagKey,
  summary: z.string().max(300),
  default: z.boolean().describe('As it was declared.'),
  state: FlagRules.state,
  roles: z.array(RoleName).max(10),
  plans: z.array(PlanKey).max(50),
  percentage: percentage(),
  startsAt: instant().nullable(),
  endsAt: instant().nullable(),
  tenantsOn: z.number().int().min(0).describe('Organisations that have it on by name.'),
  tenantsOff: z.number().int().min(0).describe('Organisations that have it off by name.'),
  reason: z.string().max(500).nullable().describe('Of the last change; null when there was none.'),
  changedAt: instant().nullable(),
  changedBy: z.string().max(320).nullable().describe('Who changed it last; null for the command line, or nobody yet.'),
  version: version(),
})
export type StaffFlag = z.infer<typeof StaffFlag>

/** How many organisations of the installation would have a flag. */
export const FlagReach = z.object({
  total: z.number().int().min(0).describe('Organisations that are not purged.'),
  everybody: z.number().int().min(0).describe('Where it is on for everybody.'),
  someRoles: z.number().int().min(0).describe('Where it is on only for the roles that are named.'),
})

/** A tenant that is named in a flag's rules. */
export const NamedTenant = z.object({
  id: id(),
  name: z.string().max(100),
  slug: slug().nullable(),
  on: z.boolean(),
})

/** A flag in one tenant. */
export const TenantFlag = z.object({
  key: FlagKey,
  summary: z.string().max(300),
  on: z.boolean().describe('For somebody without a role there.'),
  by: z
    .enum(['default', 'state', 'tenant', 'role', 'plan', 'percentage', 'nothing'])
    .describe('The rule that decided; `nothing`: rules are there, and none fits.'),
  roles: z.array(RoleName).max(10).describe('Where it is not on: for whom it is nevertheless.'),
  named: z.boolean().nullable().describe('What the organisation itself was given; null: it goes by the other rules.'),
})
