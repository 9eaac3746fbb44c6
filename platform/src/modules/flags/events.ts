import { event } from '#kernel/operation'

export const flagChanged = event('flag.changed', { version: 1 })
/** One tenant was given a flag, or goes by the flag's other rules again. In the tenant's own audit log. */
export const tenantFlagChanged = event('tenantFlag.changed', { version: 1 })
