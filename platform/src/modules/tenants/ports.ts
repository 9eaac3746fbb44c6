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
