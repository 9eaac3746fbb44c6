import type { MigrationTarget } from '../../platform/src/kernel/database/migrator.ts'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { newId } from '../../platform/src/kernel/id.ts'

/** Empty schemas such as tenants of the bridge model have, as targets, in the order of their tenants' ids. */
export async function bridgeSchemas(
  superuserUrl: string,
  cell: MigrationTarget,
  count: number,
): Promise<MigrationTarget[]> {
  const tenantIds = Array.from({ length: count }, () => newId())
  const targets = tenantIds.map((tenantId) => ({
    ...cell,
    name: `bridge ${tenantId}`,
    schema: `t_${tenantId.replaceAll('-', '')}`,
    tenantId,
  }))
  await withClient(superuserUrl, async (client) => {
    for (const { schema } of targets) {
      await client.query(`create schema ${schema} authorization tenantry_owner`)
      await client.query(`grant usage on schema ${schema} to tenantry_serving, tenantry_relay`)
    }
  })
  return targets
}
