import { notFound } from '#kernel/errors/platform-failures'
import { operation } from '#kernel/operation'
import { email, z } from '#kernel/schema'
import { sendMail } from '#modules/mail'
import { beginEmailChange, confirmEmailChange, undoEmailChange } from './email-changes.ts'
import { emailChanged, emailChangeRequested, emailChangeReverted, sessionEnded } from './events.ts'
import { emailInvalid, external, mailTokenInvalid } from './failures.ts'
import { mailToken, normalisedEmail } from './model.ts'
import { identityProvider, throttle } from './ports.ts'
import { requireOwnAccounts } from './second-factor-proof.ts'

export const requestEmailChange = operation({
  name: 'emailChanges.create',
  summary: 'Change the address of your account',
  description:
    'Sends a link to the new address, which holds for 24 hours; until it is opened everything stays as it is. An address that somebody has answers alike.',
  http: 'POST /me/email-changes',
  input: { email: email() },
  output: z.object({ sentTo: email() }),
  status: 202,
  permission: 'signed-in',
  target: 'identity',
  errors: [emailInvalid, notFound, external],
  emits: [emailChangeRequested],
  stepUp: true,

  async run(ctx, { email: typed }) {
    requireOwnAccounts(ctx)
    const invalid = { errors: [{ pointer: '#/email', code: 'invalid', detail: emailInvalid.title }] }
    const newEmail = normalisedEmail(typed) ?? ctx.fail(emailInvalid, invalid)
    const sessionId = ctx.actor.sessionId ?? ctx.fail(notFound)
    await ctx.port(throttle).count('verification', { account: newEmail, address: ctx.address })
    const { id: userId, email: oldEmail, locale } = await ctx.port(identityProvider).profile(ctx, ctx.actor.id)
    const token = await beginEmailChange(ctx, { userId, sessionId, oldEmail, newEmail })
    ctx.record(emailChangeRequested, { resourceId: userId })
    if (token !== undefined)
      ctx.enqueue(sendMail, { id: ctx.newId(), to: newEmail, locale, template: 'confirm-address', values: { token } })
    return { sentTo: typed }
  },
})

export const confirmChange = operation({
  name: 'emailChanges.confirm',
  summary: 'Confirm a new address with the token that was mailed to it',
  description:
    'All sessions end but the one that asked. The old address gets a link that undoes the change for 72 hours.',
  http: 'POST /email-changes/confirm',
  input: { token: mailToken() },
  permission: 'public',
  target: 'identity',
  errors: [mailTokenInvalid, external],
  emits: [emailChanged, sessionEnded],

  async run(ctx, { token }) {
    requireOwnAccounts(ctx)
    const change = await confirmEmailChange(ctx, token)
    const { userId: id, oldEmail, newEmail, undoToken } = change
    for (const ended of change.endedSessions) ctx.record(sessionEnded, { resourceId: ended })
    ctx.record(emailChanged, { before: { id, email: oldEmail }, after: { id, email: newEmail } })
    const { locale } = await ctx.port(identityProvider).profile(ctx, id)
    const values = { token: undoToken, email: newEmail }
    ctx.enqueue(sendMail, { id: ctx.newId(), to: oldEmail, locale, template: 'address-changed', values })
  },
})

export const undoChange = operation({
  name: 'emailChanges.undo',
  summary: 'Take a change of address back with the token that was mailed to the old one',
  description:
    'All sessions end, the password holds no more, and passkeys and apps that were added since the change go. The old address gets a link to choose a new password.',
  http: 'POST /email-changes/undo',
  input: { token: mailToken() },
  permission: 'public',
  target: 'identity',
  errors: [mailTokenInvalid, external],
  emits: [emailChangeReverted],

  async run(ctx, { token }) {
    requireOwnAccounts(ctx)
    const { userId: id, oldEmail, newEmail } = await undoEmailChange(ctx, token)
    ctx.record(emailChangeReverted, { before: { id, email: newEmail }, after: { id, email: oldEmail } })
    const message = await ctx.port(identityProvider).requestPasswordReset(ctx, { email: oldEmail })
    if (message) ctx.enqueue(sendMail, { id: ctx.newId(), ...message })
  },
})
