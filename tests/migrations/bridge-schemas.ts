import type { MigrationTarget } from '../../platform/src/kernel/database/migrator.ts'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { bridgeSchema } from '../../platform/src/kernel/database/roles.ts'
import { newId } from '../../platform/src/kernel/id.ts'

/** Empty schemas such as tenants of the bridge model have, as targets, in the order of their tenants' ids. */
export async function bridgeSchemas(
  superuserUrl: string,
  cell: MigrationTarget,
  count: number,
): Promise<MigrationTarget[]> {
  const targets = Array.from({ length: count }, () => bridgeTarget(cell, newId()))
  await withClient(superuserUrl, async (client) => {
    for (const { schema } of targets) {
      await client.query(`create schema ${schema} authorization tenantry_owner`)
      await client.query(`grant usage on schema ${schema} to tenantry_workers, tenantry_relay`)
    }
  })
  return targets
}

export function bridgeTarget(cell: MigrationTarget, tenantId: string): MigrationTarget {
  return { ...cell, name: `bridge ${tenantId}`, schema: bridgeSchema(tenantId), tenantId }
}
