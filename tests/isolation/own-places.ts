import type { Placement, Tenant } from '../../platform/src/kernel/context.ts'
import type { Databases } from '../../platform/src/kernel/database/databases.ts'
import { dropSilo, provisionBridge, provisionSilo } from '../../platform/src/kernel/database/provision.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { releaseOf } from '../../platform/src/migrate.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import product from '../../product/app.ts'

export const models = ['pool', 'bridge', 'silo'] as const
const modules = [...platformModules, ...product.modules]

/** Tenants with a place, of whom the directory knows nothing. */
export async function tenantsIn(databases: Databases, model: Placement['model'], count: number): Promise<Tenant[]> {
  const release = await releaseOf(modules)
  const tenants: Tenant[] = []
  for (let number = 0; number < count; number++) {
    const id = newId()
    const place = databases.newPlacement(id, { model })
    const tenant: Tenant = { id, slug: '', name: '', state: 'active', plan: 'standard', ...place }
    const target = databases.migrationTargetOf(tenant)
    if (target && model === 'bridge') await provisionBridge({ target, modules, release })
    if (target && model === 'silo')
      await provisionSilo({ target, modules, release, ...databases.cellOf(tenant).siloOf(tenant) })
    tenants.push(tenant)
  }
  return tenants
}

/** Databases and roles of silos belong to the whole server: they do not go with the databases of a test. */
export async function dropSilos(databases: Databases, tenants: readonly Tenant[]): Promise<void> {
  for (const tenant of tenants.filter(({ placement }) => placement.model === 'silo'))
    await dropSilo(databases.cellOf(tenant).siloOf(tenant))
}
