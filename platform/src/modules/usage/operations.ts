import type { Ctx } from '#kernel/context'
import { notFound } from '#kernel/errors/platform-failures'
import { operation } from '#kernel/operation'
import { warnsAt } from '#kernel/rate/lease'
import { windowMs } from '#kernel/rate/sliding-window'
import { id, type z } from '#kernel/schema'
import { Usage } from './model.ts'
import { rateUsage, recordUsage } from './ports.ts'

export const readUsage = operation({
  name: 'usage.read',
  summary: 'Show what the organisation has used of the limits of its plan',
  description:
    'Records as they are now, and requests of everybody in the organisation together. One user or one key may have half of each limit; the headers `RateLimit-Policy` and `RateLimit` of every answer tell how that stands.',
  http: 'GET /usage',
  output: Usage,
  permission: 'usage:read',
  run: usageOf,
})

export const readUsageForStaff = operation({
  name: 'staffUsage.read',
  summary: 'Show what an organisation has used of the limits of its plan',
  http: 'GET /staff/tenants/{id}/usage',
  input: { id: id() },
  output: Usage,
  permission: 'staff',
  target: 'control',
  tenantFrom: (input: { id: string }) => input.id,
  errors: [notFound],
  run: usageOf,
})

async function usageOf(ctx: Ctx): Promise<z.infer<typeof Usage>> {
  const [requests, records] = await Promise.all([ctx.port(rateUsage)(ctx.tenant), ctx.port(recordUsage)(ctx.tenant)])
  const rates = requests.map(({ rate, used, limit, freesInMs }) => ({
    rate,
    used,
    limit,
    warnsAt: warnsAt(limit),
    freesAt: used === 0 ? null : new Date(Date.parse(ctx.now) + freesInMs).toISOString(),
  }))
  return {
    windowSeconds: windowMs / 1_000,
    rates,
    records: records.map((each) => ({ ...each, warnsAt: warnsAt(each.limit) })),
  }
}
