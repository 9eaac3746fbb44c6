import type { Tenant } from '#kernel/context'
import type { Databases } from '#kernel/database/databases'
import { messageOf } from '#kernel/database/fleet-survey'
import { noTenant } from '#kernel/database/signed-context'
import type { Signatures } from '#kernel/signature'
import { type Chain, type ChainFindings, verifyChain } from '#modules/audit'
import { tenantsWithRows } from '#modules/tenants'
import { otherPlace } from './audit-sealing.ts'
import { systemSession } from './system-session.ts'

/** What was found of one tenant's audit log. */
export interface AuditFindings {
  /** The nil tenant stands for the platform's own. */
  readonly tenantId: string
  readonly slug: string
  readonly chains: readonly (ChainFindings & {
    /** `control`, `cell main (pool)` */
    readonly place: string
    /** Why it could not be looked at, or not to its end. */
    readonly error?: string
  })[]
}

const tenantsAtOnce = 500

/** Verifies the audit log of the platform and of every tenant that is there, or of one of them alone. */
export async function verifyAudit(
  databases: Databases,
  signatures: Signatures,
  only?: Tenant,
): Promise<AuditFindings[]> {
  if (only) return [await findingsOf(databases, signatures, only)]
  const findings = [await findingsOf(databases, signatures, undefined)]
  for (let last = noTenant; ; ) {
    const tenants = await tenantsWithRows(systemSession(databases.control), last, tenantsAtOnce)
    for (const tenant of tenants) findings.push(await findingsOf(databases, signatures, tenant))
    if (tenants.length < tenantsAtOnce) return findings
    last = tenants.at(-1)?.id ?? last
  }
}

async function findingsOf(
  databases: Databases,
  signatures: Signatures,
  tenant: Tenant | undefined,
): Promise<AuditFindings> {
  const tenantId = tenant?.id ?? noTenant
  const cell = tenant ? databases.cellNamed(tenant.placement.cell) : databases.cells[0]
  const name = `cell ${tenant?.placement.cell ?? databases.cells[0].name} (${tenant?.placement.model ?? 'pool'})`
  const places = [
    { place: 'control', chain: () => ({ tenantId, kind: 'control' as const, place: { database: databases.control } }) },
    {
      place: name,
      chain: () => {
        if (!cell) throw new Error(`there is no ${name}`)
        return { tenantId, kind: 'cell' as const, place: cell.targetOf(tenant) }
      },
    },
  ]
  const chains = await Promise.all(
    places.map(async ({ place, chain }) => ({
      place,
      ...(await verified(databases, signatures, tenant, chain).catch((error: Error) => unverified(place, error))),
    })),
  )
  return { tenantId, slug: tenant?.slug ?? '', chains }
}

async function verified(
  databases: Databases,
  signatures: Signatures,
  tenant: Tenant | undefined,
  chainIn: () => Chain,
): Promise<ChainFindings> {
  const chain = chainIn()
  const other = await otherPlace({ databases, tenantOf: async () => tenant }, chain)
  return verifyChain(chain, other, signatures)
}

/** What cannot be looked at is not known to hold, nor to be tampered with. */
function unverified(place: string, error: Error): ChainFindings & { error: string } {
  const kind = place === 'control' ? 'control' : 'cell'
  return {
    kind,
    seals: 0,
    events: 0,
    waiting: 0,
    erased: 0,
    removed: null,
    head: null,
    faults: [],
    error: messageOf(error),
  }
}
