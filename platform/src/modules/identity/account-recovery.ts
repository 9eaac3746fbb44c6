import type { OpenCtx } from '#kernel/context'
import { tokenDigest } from '#kernel/token'
import { sendMail } from '#modules/mail'
import * as store from './account-recovery-store.ts'
import { mailTokenInvalid } from './failures.ts'
import { mailChange } from './notices.ts'
import { identityProvider } from './ports.ts'
import { randomToken } from './random-token.ts'

/**
 * A way back for whoever has lost every second factor and every recovery code: asked for by address, begun by a link that is
 * mailed there, and done after 72 hours, unless a sign-in with a factor or the link of the notice cancels it. The password
 * is asked for afterwards as ever.
 */

const hourMs = 3_600_000
const linkMs = 24 * hourMs
const waitMs = 72 * hourMs

/** Mails the link, if there is an account at the address that needs it. */
export async function requestRecovery(ctx: OpenCtx, email: string): Promise<void> {
  const token = randomToken()
  const found = await store.requestRecovery(ctx.db, { email, tokenHash: tokenDigest(token), now: ctx.now })
  if (!found) return
  const { email: to, locale } = await ctx.port(identityProvider).profile(ctx, found.userId)
  ctx.enqueue(sendMail, { id: ctx.newId(), to, locale, template: 'confirm-recovery', values: { token } })
}

/** Lets the 72 hours begin and tells the owner. Fails with `mail_token_invalid`. */
export async function beginRecovery(ctx: OpenCtx, token: string): Promise<string> {
  const cancelToken = randomToken()
  const dueAt = later(ctx.now, waitMs)
  const begun = await store.beginRecovery(ctx.db, {
    tokenHash: tokenDigest(token),
    cancelHash: tokenDigest(cancelToken),
    dueAt,
    requestedAfter: later(ctx.now, -linkMs),
  })
  const { userId } = begun ?? ctx.fail(mailTokenInvalid)
  const { email: to, locale } = await ctx.port(identityProvider).profile(ctx, userId)
  const values = { token: cancelToken, dueAt }
  ctx.enqueue(sendMail, { id: ctx.newId(), to, locale, template: 'recovery-begun', values })
  return userId
}

/** With the link of the notice. Fails with `mail_token_invalid`. */
export async function cancelRecovery(ctx: OpenCtx, token: string): Promise<string> {
  const { userId } = (await store.cancelRecoveryByToken(ctx.db, tokenDigest(token))) ?? ctx.fail(mailTokenInvalid)
  await mailChange(ctx, userId, 'recovery_cancelled')
  return userId
}

/** To be called when somebody has proved a second factor: then none is lost. Says whether a recovery had begun. */
export async function dropRecovery(ctx: OpenCtx, userId: string): Promise<boolean> {
  const hadBegun = await store.deleteRecovery(ctx.db, userId)
  if (hadBegun) await mailChange(ctx, userId, 'recovery_cancelled')
  return hadBegun
}

/** Removes the second factors and ends the sessions of whoever has waited long enough, and tells them. Answers their ids. */
export async function completeRecoveries(ctx: OpenCtx, userId?: string): Promise<string[]> {
  const completed = await store.completeRecoveries(ctx.db, ctx.now, userId)
  for (const each of completed) await mailChange(ctx, each, 'recovery_completed')
  return completed
}

function later(instant: string, ms: number): string {
  return new Date(Date.parse(instant) + ms).toISOString()
}
