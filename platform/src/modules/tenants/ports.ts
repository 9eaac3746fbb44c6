import type { Tenant } from '#kernel/context'
import { port } from '#kernel/port'
import type { SystemPermission } from '#modules/access'

/** What the installation's modules permit the system roles. */
export const manifestPermissions = port<readonly SystemPermission[]>('manifest permissions')

/** Makes the schema or the database that a tenant's placement names; a second time it finds it and changes nothing. */
export interface Places {
  provide(tenant: Tenant): Promise<void>
}
export const places = port<Places>('places of tenants')

/** The region that a cell is in; undefined for a cell that this installation does not know. */
export const regionOfCell = port<(cell: string) => string | undefined>('regions of cells')

/** Calls an operation by name as the platform itself, through the whole pipeline. */
export const systemCalls = port<(operation: string, input: object) => Promise<unknown>>('calls by the system')

/**
 * Deletes rows of a purged tenant, wherever its modules keep any, and says whether there may be more: one call deletes at
 * most so many that it ends within seconds. Audit events stay, without their values.
 */
export const tenantErasure = port<(tenant: Tenant) => Promise<boolean>>('erasure of tenants')
