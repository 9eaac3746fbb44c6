import { operation } from '#kernel/operation'
import { warnsAt } from '#kernel/rate/lease'
import { windowMs } from '#kernel/rate/sliding-window'
import { Usage } from './model.ts'
import { rateUsage } from './ports.ts'

export const readUsage = operation({
  name: 'usage.read',
  summary: 'Show what the organisation has used of its rate limits',
  description:
    'Requests of everybody in the organisation together. One user or one key may have half of each limit; the headers `RateLimit-Policy` and `RateLimit` of every answer tell how that stands.',
  http: 'GET /usage',
  output: Usage,
  permission: 'usage:read',

  async run(ctx) {
    const usage = await ctx.port(rateUsage)(ctx.tenant)
    const rates = usage.map(({ rate, used, limit, freesInMs }) => ({
      rate,
      used,
      limit,
      warnsAt: warnsAt(limit),
      freesAt: used === 0 ? null : new Date(Date.parse(ctx.now) + freesInMs).toISOString(),
    }))
    return { windowSeconds: windowMs / 1_000, rates }
  },
})
