import { operation } from '#kernel/operation'
import { email, z } from '#kernel/schema'
import { beginRecovery, cancelRecovery, requestRecovery } from './account-recovery.ts'
import { recoveryBegun, recoveryCancelled, recoveryRequested } from './events.ts'
import { emailInvalid, external, mailTokenInvalid } from './failures.ts'
import { mailToken, normalisedEmail } from './model.ts'
import { throttle } from './ports.ts'
import { requireOwnAccounts } from './second-factor-proof.ts'

export const requestAccountRecovery = operation({
  name: 'accountRecoveries.create',
  summary: 'Ask to go on without a second factor, when all are lost',
  description:
    'Sends a link, if there is an account with a second factor at the address; the answer is the same if not. Try recovery codes first: this takes 72 hours.',
  http: 'POST /account-recoveries',
  input: { email: email() },
  output: z.object({ sentTo: email() }),
  status: 202,
  permission: 'public',
  target: 'identity',
  errors: [emailInvalid, external],
  emits: [recoveryRequested],

  async run(ctx, { email: typed }) {
    requireOwnAccounts(ctx)
    const invalid = { errors: [{ pointer: '#/email', code: 'invalid', detail: emailInvalid.title }] }
    const address = normalisedEmail(typed) ?? ctx.fail(emailInvalid, invalid)
    await ctx.port(throttle).count('password-reset', { account: address, address: ctx.address })
    await requestRecovery(ctx, address)
    ctx.record(recoveryRequested, { resourceId: ctx.newId() })
    return { sentTo: typed }
  },
})

export const beginAccountRecovery = operation({
  name: 'accountRecoveries.begin',
  summary: 'Begin the recovery of an account with the token that was mailed',
  description:
    'After 72 hours the second factors are removed and all sessions end. Until then a sign-in with a second factor cancels it, and so does the link in the notice that is mailed now.',
  http: 'POST /account-recoveries/begin',
  input: { token: mailToken() },
  permission: 'public',
  target: 'identity',
  errors: [mailTokenInvalid, external],
  emits: [recoveryBegun],

  async run(ctx, { token }) {
    requireOwnAccounts(ctx)
    ctx.record(recoveryBegun, { resourceId: await beginRecovery(ctx, token) })
  },
})

export const cancelAccountRecovery = operation({
  name: 'accountRecoveries.cancel',
  summary: 'Cancel the recovery of an account with the token of its notice',
  http: 'POST /account-recoveries/cancel',
  input: { token: mailToken() },
  permission: 'public',
  target: 'identity',
  errors: [mailTokenInvalid, external],
  emits: [recoveryCancelled],

  async run(ctx, { token }) {
    requireOwnAccounts(ctx)
    ctx.record(recoveryCancelled, { resourceId: await cancelRecovery(ctx, token) })
  },
})
