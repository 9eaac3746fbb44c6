import type { Ctx } from '#kernel/context'
import { newToken, tokenDigest } from '#kernel/token'
import { sendMail } from '#modules/mail'
import type { InvitationRecord } from './invitation-store.ts'
import { invitationDays, invitationPrefix } from './model.ts'

const dayMs = 86_400_000

/** What makes an invitation work: the token is in the mail alone. */
export function newInvitation(ctx: Ctx): { id: string; token: string; tokenDigest: string; expiresAt: string } {
  const token = newToken(invitationPrefix, ctx.tenant.id)
  const expiresAt = new Date(Date.parse(ctx.now) + invitationDays * dayMs).toISOString()
  return { id: ctx.newId(), token, tokenDigest: tokenDigest(token), expiresAt }
}

export function mailInvitation(ctx: Ctx, invitation: InvitationRecord, token: string): void {
  const values = { tenant: ctx.tenant.name, inviter: ctx.actor.name, token, days: invitationDays }
  ctx.enqueue(sendMail, { id: ctx.newId(), to: invitation.email, template: 'invitation', locale: ctx.locale, values })
}
