import { port } from '#kernel/port'

/** Tables of tenants that whoever serves a tenant may read: what counts as its storage. */
export const tenantTables = port<readonly string[]>('tables of tenants')
