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

/** Exit statuses of `tenantry audit verify`, for whoever calls it every night. */
const [tampered, notVerified] = [1, 2]

/**
 * `tenantry audit verify`. Exit status 1 when anything was altered, put in, taken out or cut off; else 2 when something could
 * not be looked at.
 */
export async function verify(options: { tenant?: string; json?: boolean }): Promise<void> {
  try {
    const report = await reportOn(options)
    print(report, options, textOf)
    if (!report.holds) process.exitCode = isTampered(report) ? tampered : notVerified
  } catch (error) {
    process.exitCode = notVerified
    throw error
  }
}

function reportOn(options: { tenant?: string }): Promise<AuditReport> {
  return withInstallation(async (installation, { databases: { secret } }) => {
    const signatures = new Signatures(secret, sealsPurpose)
    const { tenant: reference } = options
    const tenant = reference === undefined ? undefined : await requireTenant(installation, reference)
    const tenants = await verifyAudit(installation.databases, signatures, tenant)
    const holds = tenants.every(({ chains }) =>
      chains.every(({ faults, error }) => faults.length === 0 && error === undefined),
    )
    return { at: new Date().toISOString(), holds, publicKey: signatures.publicKey, tenants }
  })
}

function isTampered({ tenants }: AuditReport): boolean {
  return tenants.some(({ chains }) => chains.some(({ faults }) => faults.length > 0))
}

function textOf(report: AuditReport): string {
  const { holds, tenants } = report
  const conclusion = holds
    ? styleText('green', 'The audit log is as it was written.')
    : styleText(
        'red',
        isTampered(report) ? 'The audit log was tampered with.' : 'Not all of the audit log could be looked at.',
      )
  return [...tenants.flatMap(linesOf), conclusion].join('\n')
}

function linesOf({ slug, chains }: AuditFindings): string[] {
  return chains.flatMap(({ place, seals, events, waiting, erased, removed, faults, error }) => {
    const mark = faults.length === 0 && error === undefined ? styleText('green', '✓') : styleText('red', '✗')
    const counts = [
      `${events} ${events === 1 ? 'event' : 'events'} in ${seals} ${seals === 1 ? 'seal' : 'seals'}`,
      ...(waiting > 0 ? [`${waiting} not sealed yet`] : []),
      ...(removed ? [`${removed.events} removed by its retention`] : []),
      ...(erased > 0 ? [`values of ${erased} erased`] : []),
    ]
    return [
      `${mark} ${slug || 'the platform'}, ${place}: ${counts.join(', ')}`,
      ...(error === undefined ? [] : [`    it could not be looked at: ${error}`]),
      ...faults.map(({ seal, what }) => `    ${seal === undefined ? '' : `seal ${seal} `}${what}`),
    ]
  })
}
