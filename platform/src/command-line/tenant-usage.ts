import { requireOperation } from '#kernel/operation'
import { system } from '../system-session.ts'
import { columns, print } from './output.ts'
import { withInstallation } from './session.ts'

interface Usage {
  readonly slug: string | null
  readonly plan: string
  readonly cell: string
  readonly model: string
  readonly people: number
  readonly events: number
  readonly storedRows: number
  readonly storedBytes: number
  readonly databaseMs: number
  readonly measuredAt: string | null
}

const shownMax = 100

/** `tenantry tenants usage`: what staff see in the console under Analytics, whatever costs most first. */
export async function showUsage(options: { sort: 'time' | 'storage' | 'activity'; json?: boolean }): Promise<void> {
  const sort = { time: '-databaseMs', storage: '-storedBytes', activity: '-events' }[options.sort]
  const tenants = await withInstallation(async (installation) => {
    const list = requireOperation(installation.operations, 'tenantAnalytics.list')
    const { items } = (await installation.call(list, system, { sort, limit: shownMax })) as { items: Usage[] }
    return items
  })
  print(tenants, options, (rows) =>
    columns([
      ['SLUG', 'PLAN', 'PLACEMENT', 'PEOPLE', 'ACTIVITY', 'ROWS', 'STORED KB', 'DATABASE MS', 'MEASURED'],
      ...rows.map((row) => [
        row.slug ?? '–',
        row.plan,
        `${row.cell} (${row.model})`,
        String(row.people),
        String(row.events),
        String(row.storedRows),
        String(Math.round(row.storedBytes / 1_000)),
        String(Math.round(row.databaseMs)),
        row.measuredAt?.slice(0, 16).replace('T', ' ') ?? 'not yet',
      ]),
    ]),
  )
}
