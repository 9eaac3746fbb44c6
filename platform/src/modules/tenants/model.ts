import { email, id, instant, line, slug, version, z } from '#kernel/schema'
import { RoleName } from '#modules/access'

export const TenantName = line({ max: 100 })

export const Tenant = z.object({ id: id(), slug: slug(), name: TenantName, createdAt: instant(), version: version() })

/** A tenant as one of its members enters it. */
export const CurrentTenant = z.object({
  id: id(),
  slug: slug(),
  name: TenantName,
  state: z.enum(['provisioning', 'active', 'suspended']),
  permissions: z.array(z.string().max(101)).max(500).describe('What you may do here, as resource:action.'),
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
  createdAt: instant(),
  expiresAt: instant(),
  version: version(),
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
