import type { Ctx } from '#kernel/context'
import { sql } from '#kernel/database/statement'

export async function isOnboardingDismissed(ctx: Ctx): Promise<boolean> {
  const row = await ctx.db.first<{
    dismissed: boolean
  }>(sql`select onboarding_dismissed_at is not null as dismissed from members
    where tenant_id = ${ctx.tenant.id} and user_id = ${ctx.actor.id}`)
  return row?.dismissed ?? false
}

/** Undefined for whoever is no member, as a key. */
export async function dismissOnboarding(ctx: Ctx): Promise<{ id: string; onboardingDismissedAt: string } | undefined> {
  return ctx.db.first(sql`update members set onboarding_dismissed_at = coalesce(onboarding_dismissed_at, ${ctx.now})
    where tenant_id = ${ctx.tenant.id} and user_id = ${ctx.actor.id} returning id, onboarding_dismissed_at`)
}

/** Whether anybody was asked to join, or has joined. */
export async function hasInvited(ctx: Ctx): Promise<boolean> {
  const found = sql`select from members where tenant_id = ${ctx.tenant.id} and user_id <> ${ctx.actor.id}
    union all select from invitations where tenant_id = ${ctx.tenant.id} limit 1`
  return (await ctx.db.first(found)) !== undefined
}
