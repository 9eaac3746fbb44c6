import type { Tenant } from '#kernel/context'
import { port } from '#kernel/port'
import type { RateUsage } from '#kernel/rate/rate-limiter'

/** What a tenant has used of the limits of its plan. */
export const rateUsage = port<(tenant: Tenant) => Promise<RateUsage[]>>('usage of rate limits')
