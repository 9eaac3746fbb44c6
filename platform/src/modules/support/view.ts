import type { OpenCtx } from '#kernel/context'
import { tenantNames } from '#modules/tenants'
import type { SupportRow } from './store.ts'

/** A session as it stands at an instant: one whose time has passed is over, though nobody has ended it. */
export function sessionAt(now: string, row: SupportRow) {
  const { tenantId: _, staffId, staffName, memberId, memberName, ...session } = row
  return {
    ...session,
    state: stateAt(now, row),
    staff: { id: staffId, name: staffName },
    member: { id: memberId, name: memberName },
  }
}

export function stateAt(now: string, { openedAt, endsAt, endedAt }: SupportRow): 'waiting' | 'open' | 'ended' {
  if (endedAt !== null) return 'ended'
  if (openedAt === null || endsAt === null) return 'waiting'
  return endsAt > now ? 'open' : 'ended'
}

/** For staff, who see sessions of all tenants. */
export async function withTenants(ctx: OpenCtx, rows: readonly SupportRow[]) {
  const tenants = await tenantNames(
    ctx.db,
    rows.map(({ tenantId }) => tenantId),
  )
  return rows.map((row) => {
    const { slug = null, name = '' } = tenants.get(row.tenantId) ?? {}
    return { ...sessionAt(ctx.now, row), tenant: { id: row.tenantId, slug, name } }
  })
}
