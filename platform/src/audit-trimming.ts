import type { Tenant } from '#kernel/context'
import type { Databases } from '#kernel/database/databases'
import type { MigrationTarget } from '#kernel/database/migrator'
import type { Signatures } from '#kernel/signature'
import { type AuditTrimming, lastAnchor, type RetainedChain, reading, trimChain, trimHeads } from '#modules/audit'

export interface AuditTrimmingParts {
  readonly databases: Databases
  readonly signatures: Signatures
  readonly tenantOf: (id: string) => Promise<Tenant | undefined>
}

/**
 * Removes what the chains of a tenant have kept for their time, in both databases, and then the heads that vouched for it.
 * A process that is killed between the two leaves heads of seals that an anchor stands for: they are taken for that, and
 * deleted the next time.
 */
export function auditTrimmingWith({ databases, signatures, tenantOf }: AuditTrimmingParts): AuditTrimming {
  return async (tenantId, { before, now }) => {
    const tenant = await tenantOf(tenantId)
    if (!tenant) return false
    const control = databases.controlTarget()
    const cell = placeOf(databases, tenant)
    const chains: (RetainedChain & { other: MigrationTarget; place: Parameters<typeof reading>[0] })[] = [
      { tenantId, kind: 'control', target: control, other: cell, place: { database: databases.control } },
      { tenantId, kind: 'cell', target: cell, other: control, place: databases.cellOf(tenant).targetOf(tenant) },
    ]
    let removed = 0
    for (const { other, place, ...chain } of chains) {
      removed += await trimChain(chain, { before, now, signatures })
      const anchor = await lastAnchor(reading(place, tenantId), tenantId)
      if (anchor) await trimHeads({ ...chain, target: other }, anchor.number)
    }
    return removed > 0
  }
}

function placeOf(databases: Databases, tenant: Tenant): MigrationTarget {
  return databases.migrationTargetOf(tenant) ?? databases.cellOf(tenant).poolTarget()
}
