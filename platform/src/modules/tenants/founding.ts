import type { Ctx } from '#kernel/context'
import { slugTaken } from './failures.ts'
import { slugFrom } from './model.ts'
import { insertMembership, insertTenant, type TenantRecord } from './store.ts'

/** Who will own a tenant. */
interface Owner {
  readonly userId: string
  readonly name: string
  readonly email: string
}

export const slugField = { errors: [{ pointer: '#/slug', code: 'taken', detail: slugTaken.title }] }

/** Writes the tenant of `ctx` into the directory. `created` belongs into `tenant.created`, whose listeners set it up. */
export async function found(
  ctx: Ctx,
  { name, slug, reason }: { name: string; slug?: string | undefined; reason?: string | undefined },
  { userId: ownerId, name: ownerName, email: ownerEmail }: Owner,
): Promise<{ tenant: TenantRecord; created: object }> {
  const asked = { name, slug: slug ?? unusedSlug(name, ctx.newId()), reason }
  const tenant = (await insertTenant(ctx, asked)) ?? ctx.fail(slugTaken, slugField)
  await insertMembership(ctx, ownerId, tenant.id)
  const { region, plan, placement } = ctx.tenant
  const { cell, model } = placement
  return { tenant, created: { ...tenant, region, plan, cell, model, ownerId, ownerName, ownerEmail } }
}

/** Derived slugs get a random end, so that creating an organisation never says whether a name is in use. */
function unusedSlug(name: string, uniqueId: string): string {
  return `${slugFrom(name).slice(0, 31) || 'team'}-${uniqueId.slice(-8)}`.replace(/-+/g, '-')
}
