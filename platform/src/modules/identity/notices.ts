import type { OpenCtx } from '#kernel/context'
import { type AccountChange, sendMail } from '#modules/mail'
import { noteDevice } from './known-device-store.ts'
import { deviceHashOf, programOf } from './known-devices.ts'
import { identityProvider } from './ports.ts'

/** Mails to the owner of an account about what was done with it, which leave with the transaction that did it. */

/** Whoever has just made an account needs not be told that they sign in. */
const newForMs = 24 * 3_600_000

export async function mailChange(ctx: OpenCtx, userId: string, change: AccountChange): Promise<void> {
  const { email: to, locale } = await ctx.port(identityProvider).profile(ctx, userId)
  const values = { change, at: ctx.now, address: ctx.address ?? null }
  ctx.enqueue(sendMail, { id: ctx.newId(), to, locale, template: 'account-changed', values })
}

/** To be called when a session begins: tells its person when they have not signed in like that before. */
export async function mailNewDevice(ctx: OpenCtx, userId: string): Promise<void> {
  const program = programOf(ctx.userAgent)
  const deviceHash = deviceHashOf(userId, program, ctx.address)
  const newSince = new Date(Date.parse(ctx.now) - newForMs).toISOString()
  if (!(await noteDevice(ctx.db, { userId, deviceHash, now: ctx.now, newSince }))) return
  const { email: to, locale } = await ctx.port(identityProvider).profile(ctx, userId)
  const values = { program, at: ctx.now, address: ctx.address ?? null }
  ctx.enqueue(sendMail, { id: ctx.newId(), to, locale, template: 'new-sign-in', values })
}
