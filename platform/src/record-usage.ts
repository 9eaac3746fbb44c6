import type { Tenant } from '#kernel/context'
import type { Databases } from '#kernel/database/databases'
import { ReadSession } from '#kernel/database/session'
import { systemActor } from '#kernel/database/signed-context'
import type { Entitlements, EntitlementUsage } from '#kernel/entitlement'

const timeoutMs = 5_000

/** Counts a tenant's records where they are, for members and for staff alike. A tenant without a place has none. */
export function recordUsageWith(
  entitlements: Entitlements,
  databases: Databases,
): (tenant: Tenant) => Promise<EntitlementUsage[]> {
  return async (tenant) => {
    if (tenant.state === 'provisioning' || tenant.state === 'purged') return []
    const identity = { tenantId: tenant.id, actorId: systemActor }
    const target = databases.of('tenant', tenant)
    return entitlements.usage(tenant, new ReadSession({ target, identity, deadlineMs: performance.now() + timeoutMs }))
  }
}
