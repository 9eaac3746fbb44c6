import type { Tenant } from '#kernel/context'
import type { EntitlementUsage } from '#kernel/entitlement'
import { port } from '#kernel/port'
import type { RateUsage } from '#kernel/rate/rate-limiter'

/** What a tenant has used of the rate limits of its plan. */
export const rateUsage = port<(tenant: Tenant) => Promise<RateUsage[]>>('usage of rate limits')

/** How many records a tenant has of each kind that its plan limits. */
export const recordUsage = port<(tenant: Tenant) => Promise<EntitlementUsage[]>>('usage of entitlements')
