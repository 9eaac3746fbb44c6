import { notFound } from '#kernel/errors/platform-failures'
import { list, operation } from '#kernel/operation'
import { id, searchText, z } from '#kernel/schema'
import { Model, PlaceName, PlanKey } from '#modules/tenants'
import { measurementRequested, tenantMeasured } from './events.ts'
import { notOpen } from './failures.ts'
import { measureTenants } from './jobs.ts'
import { readActivity, readStorage } from './measurement-store.ts'
import { AnalyticsReport, Days, Measurement, measuredDays, TenantDays, TenantNumbers } from './model.ts'
import { tenantTables } from './ports.ts'
import * as store from './store.ts'

/** What tenants do and take, as staff see it. The numbers are as old as the last measurement; database time is a minute old. */

export const readAnalytics = operation({
  name: 'analytics.read',
  summary: 'Show how many organisations there are, and what they did and took together',
  http: 'GET /staff/analytics',
  input: { days: Days },
  output: AnalyticsReport,
  permission: 'staff',
  target: 'control',

  async run(ctx, { days }) {
    const census = await store.countTenants(ctx)
    const there = census.filter(({ state }) => state !== 'purged')
    return {
      ...(await store.readTotals(ctx, store.lastDays(ctx.now, days))),
      tenants: there.reduce((sum, { tenants }) => sum + tenants, 0),
      plans: counted(there, 'plan'),
      models: counted(there, 'model'),
      regions: counted(there, 'region'),
      cells: counted(there, 'cell'),
      states: counted(census, 'state'),
    }
  },
})

export const listTenantAnalytics = list({
  name: 'tenantAnalytics.list',
  summary: 'List what each organisation did and took',
  http: 'GET /staff/analytics/tenants',
  item: TenantNumbers,
  sort: ['-databaseMs', 'events', 'storedBytes', 'name'],
  filter: {
    days: Days,
    search: searchText().optional().describe('Part of the name or of the address.'),
    plan: PlanKey.optional(),
    model: Model.optional(),
    region: PlaceName.optional(),
  },
  permission: 'staff',
  target: 'control',
  async run(ctx, page, { days, ...filter }) {
    return store.listNumbers(ctx, page, { span: store.lastDays(ctx.now, days), filter })
  },
})

export const readTenantAnalytics = operation({
  name: 'tenantAnalytics.read',
  summary: 'Show what an organisation did and took in the last 30 days',
  http: 'GET /staff/analytics/tenants/{id}',
  input: { id: id() },
  output: TenantDays,
  permission: 'staff',
  target: 'control',
  errors: [notFound],
  run: async (ctx, { id: tenant }) => (await store.readDays(ctx, tenant)) ?? ctx.fail(notFound),
})

export const measureTenant = operation({
  name: 'tenantAnalytics.measure',
  summary: 'Measure what an organisation does and stores',
  description: 'The platform does it once a day by itself. The numbers are shown once the event has been handled.',
  http: 'POST /staff/analytics/tenants/{id}/measure',
  status: 200,
  input: { id: id() },
  output: Measurement,
  permission: 'staff',
  tenantFrom: (input: { id: string }) => input.id,
  errors: [notOpen],
  emits: [tenantMeasured],

  async run(ctx) {
    if (ctx.tenant.state !== 'active' && ctx.tenant.state !== 'read_only') ctx.fail(notOpen)
    const { from, until } = store.lastDays(ctx.now, measuredDays)
    const days = await readActivity(ctx, from, until)
    const after = { measuredAt: ctx.now, ...(await readStorage(ctx, ctx.port(tenantTables))), days }
    ctx.record(tenantMeasured, { after, resourceId: ctx.tenant.id })
    return after
  },
})

export const measureAnalytics = operation({
  name: 'analytics.measure',
  summary: 'Measure every organisation now',
  description: 'The answer does not wait for the end: thousands of organisations take minutes.',
  http: 'POST /staff/analytics/measure',
  status: 202,
  output: z.object({ id: id() }),
  permission: 'staff',
  target: 'control',
  emits: [measurementRequested],

  async run(ctx) {
    const after = { id: ctx.newId() }
    ctx.enqueue(measureTenants, {})
    ctx.record(measurementRequested, { after })
    return after
  },
})

function counted(
  census: readonly store.Census[],
  by: 'plan' | 'model' | 'region' | 'cell' | 'state',
): { name: string; tenants: number }[] {
  const kinds = Map.groupBy(census, (line) => line[by])
  const counts = [...kinds].map(([name, lines]) => ({
    name,
    tenants: lines.reduce((sum, each) => sum + each.tenants, 0),
  }))
  return counts.toSorted((one, other) => other.tenants - one.tenants || (one.name < other.name ? -1 : 1))
}
