import type { Tenant } from '../context.ts'
import { sqlState } from './server-error.ts'

const placeLostStates = new Set([
  '42P01', // undefined_table: its schema was dropped
  '3D000', // invalid_catalog_name: its database was
  '28000', // invalid_authorization_specification: so was its login role, or it may not log in any more
  '55000', // the database is being dropped, and takes nobody in
])

/** Whether the schema or database of a tenant's own is not there: what all tenants share always is. */
export function isPlaceLost({ placement }: Tenant, error: unknown): boolean {
  return placement.model !== 'pool' && placeLostStates.has(sqlState(error) ?? '')
}
