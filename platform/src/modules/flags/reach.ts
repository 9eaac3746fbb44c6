import type { OpenCtx } from '#kernel/context'
import { noTenant } from '#kernel/database/signed-context'
import { decide, type Rules } from './rules.ts'
import { tenantsAfter } from './store.ts'

/** The process serves others between two of these. */
const tenantsAtOnce = 2_000

/** In how many tenants a flag would be on by these rules: for everybody, or for the roles that they name. */
export async function reachOf(
  ctx: OpenCtx,
  key: string,
  declared: boolean,
  rules: Rules | undefined,
): Promise<{ total: number; everybody: number; someRoles: number }> {
  const reach = { total: 0, everybody: 0, someRoles: 0 }
  const isOnFor = (asker: Parameters<typeof decide>[3]) => decide(key, declared, rules, asker, ctx.now).on
  for (let last = noTenant; ; ) {
    const tenants = await tenantsAfter(ctx, last, tenantsAtOnce)
    for (const tenant of tenants) {
      reach.total++
      if (isOnFor({ ...tenant, roles: [] })) reach.everybody++
      else if (isOnFor({ ...tenant, roles: rules?.roles ?? [] })) reach.someRoles++
    }
    if (tenants.length < tenantsAtOnce) return reach
    last = tenants.at(-1)?.tenantId ?? last
  }
}
