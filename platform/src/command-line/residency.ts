import { styleText } from 'node:util'
import { type ResidencyReport, residencyOf } from '../residency.ts'
import { columns, print } from './output.ts'
import { withInstallation } from './session.ts'
import { requireTenant } from './tenants.ts'

/** `tenantry tenants residency <tenant>`. Exit status 1 when anything was found outside its cell, or a cell could not be asked. */
export async function showResidency(reference: string, options: { json?: boolean }): Promise<void> {
  const report = await withInstallation(async (installation) => {
    const tenant = await requireTenant(installation, reference)
    return residencyOf(installation.databases, installation.modules, tenant)
  })
  print(report, options, textOf)
  if (report.strays.length + report.unreachable.length > 0) process.exitCode = 1
}

function textOf({ tenant, residences, searched, strays, unreachable }: ResidencyReport): string {
  const elsewhere = residences.filter(({ region }) => region !== tenant.region)
  return [
    `${tenant.name} (${tenant.slug}) belongs to region ${tenant.region}.`,
    '',
    columns([
      ['DATA', 'PLACE', 'REGION', 'ROWS', 'TABLES'],
      ...residences.map(({ kind, place, region, rows, tables }) => [
        kind,
        place,
        region,
        String(rows),
        tables.join(', '),
      ]),
    ]),
    '',
    ...(elsewhere.length > 0
      ? [
          `In region ${elsewhere[0]?.region} is only what must be known to find the organisation, and what was done to it there.`,
        ]
      : []),
    'Accounts belong to people, not to organisations: they are in the control database. Mails are not kept.',
    ...strays.map(({ place, region, rows }) =>
      styleText('red', `✗ ${place} (region ${region}) has ${rows} rows of it.`),
    ),
    ...unreachable.map((cell) => styleText('red', `✗ cell ${cell} could not be asked.`)),
    searched.length > 0
      ? `${styleText('green', '✓')} Searched, and found nothing of it: ${searched.filter((cell) => !strays.some(({ place }) => place.endsWith(cell))).join(', ') || 'no other cell'}.`
      : 'There is no other cell.',
  ].join('\n')
}
