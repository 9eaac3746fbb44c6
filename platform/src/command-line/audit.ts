import { styleText } from 'node:util'
import { Signatures } from '#kernel/signature'
import { sealsPurpose } from '../audit-sealing.ts'
import { type AuditFindings, verifyAudit } from '../audit-verification.ts'
import { print } from './output.ts'
import { withInstallation } from './session.ts'
import { requireTenant } from './tenants.ts'

interface AuditReport {
  /** ISO 8601 */
  readonly at: string
  readonly holds: boolean
  /** Seals are signed under it. */
  readonly publicKey: string
  readonly tenants: readonly AuditFindings[]
}

/** `tenantry audit verify`. Exit status 1 when anything was altered, put in, taken out or cut off, or could not be looked at. */
export async function verify(options: { tenant?: string; json?: boolean }): Promise<void> {
  const report = await withInstallation(async (installation, { databases: { secret } }): Promise<AuditReport> => {
    const signatures = new Signatures(secret, sealsPurpose)
    const { tenant: reference } = options
    const tenant = reference === undefined ? undefined : await requireTenant(installation, reference)
    const tenants = await verifyAudit(installation.databases, signatures, tenant)
    const holds = tenants.every(({ chains }) => chains.every(({ faults }) => faults.length === 0))
    return { at: new Date().toISOString(), holds, publicKey: signatures.publicKey, tenants }
  })
  print(report, options, textOf)
  if (!report.holds) process.exitCode = 1
}

function textOf({ holds, tenants }: AuditReport): string {
  const conclusion = holds
    ? styleText('green', 'The audit log is as it was written.')
    : styleText('red', 'The audit log was tampered with, or could not be looked at.')
  return [...tenants.flatMap(linesOf), conclusion].join('\n')
}

function linesOf({ slug, chains }: AuditFindings): string[] {
  return chains.flatMap(({ place, seals, events, waiting, erased, faults }) => {
    const mark = faults.length === 0 ? styleText('green', '✓') : styleText('red', '✗')
    const counts = [
      `${events} ${events === 1 ? 'event' : 'events'} in ${seals} ${seals === 1 ? 'seal' : 'seals'}`,
      ...(waiting > 0 ? [`${waiting} not sealed yet`] : []),
      ...(erased > 0 ? [`values of ${erased} erased`] : []),
    ]
    return [
      `${mark} ${slug || 'the platform'}, ${place}: ${counts.join(', ')}`,
      ...faults.map(({ seal, what }) => `    ${seal === undefined ? '' : `seal ${seal} `}${what}`),
    ]
  })
}
