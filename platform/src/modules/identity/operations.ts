import type { OpenCtx } from '#kernel/context'
import { operation } from '#kernel/operation'
import { email, z } from '#kernel/schema'
import { sendMail } from '#modules/mail'
import { completeRecoveries } from './account-recovery.ts'
import { refuseBreached } from './breached-passwords.ts'
import {
  accountSignedUp,
  accountVerified,
  passwordChanged,
  passwordReset,
  passwordResetRequested,
  profileChanged,
  recoveryCompleted,
  secondFactorAsked,
  sessionStarted,
  verificationRequested,
} from './events.ts'
import {
  credentialsWrong,
  emailInvalid,
  emailUnverified,
  external,
  mailTokenInvalid,
  passwordWeak,
  passwordWrong,
} from './failures.ts'
import { knownPassword, locale, mailToken, newPassword, Profile, personName, SignInOutcome } from './model.ts'
import { mailChange, mailNewDevice } from './notices.ts'
import { identityProvider, secondFactors, throttle } from './ports.ts'
import type { Message } from './provider.ts'
import { requireOwnAccounts } from './second-factor-proof.ts'

/** What is answered whether or not an address has an account. */
const MailUnderWay = z.object({ sentTo: email() })

export const signUp = operation({
  name: 'accounts.create',
  summary: 'Sign up',
  description: 'Sends a link to confirm the address. A known address answers alike; its owner is told by mail.',
  http: 'POST /accounts',
  input: { email: email(), password: newPassword(), name: personName(), locale: locale().optional() },
  output: MailUnderWay,
  status: 202,
  permission: 'public',
  target: 'identity',
  errors: [emailInvalid, passwordWeak, external],
  emits: [accountSignedUp],

  async run(ctx, input) {
    await ctx.port(throttle).count('sign-up', { account: input.email, address: ctx.address })
    requireOwnAccounts(ctx)
    await refuseBreached(ctx, input.password, 'password')
    const asked = { ...input, locale: input.locale ?? ctx.locale }
    const { userId, message } = await ctx.port(identityProvider).signUp(ctx, asked)
    ctx.record(accountSignedUp, { resourceId: userId ?? ctx.newId() })
    mail(ctx, message)
    return { sentTo: input.email }
  },
})

export const requestVerification = operation({
  name: 'verifications.create',
  summary: 'Send the link to confirm an address again',
  http: 'POST /verifications',
  input: { email: email() },
  output: MailUnderWay,
  status: 202,
  permission: 'public',
  target: 'identity',
  errors: [emailInvalid, external],
  emits: [verificationRequested],

  async run(ctx, input) {
    await ctx.port(throttle).count('verification', { account: input.email, address: ctx.address })
    const message = await ctx.port(identityProvider).requestVerification(ctx, input)
    ctx.record(verificationRequested, { resourceId: ctx.newId() })
    if (message) mail(ctx, message)
    return { sentTo: input.email }
  },
})

export const verifyEmail = operation({
  name: 'accounts.verify',
  summary: 'Confirm an address with the token that was mailed to it',
  http: 'POST /accounts/verify',
  input: { token: mailToken() },
  permission: 'public',
  target: 'identity',
  errors: [mailTokenInvalid, external],
  emits: [accountVerified],

  async run(ctx, input) {
    const { userId } = await ctx.port(identityProvider).verifyEmail(ctx, input)
    ctx.record(accountVerified, { resourceId: userId })
  },
})

export const signIn = operation({
  name: 'sessions.create',
  summary: 'Sign in',
  description:
    'Sets the session cookie. A wrong password and an unknown address answer alike, in the same time. With `second_factor_required` the cookie is worth nothing until `sessions.verify`.',
  http: 'POST /sessions',
  input: { email: z.string().min(1).max(254), password: knownPassword() },
  output: SignInOutcome,
  permission: 'public',
  target: 'identity',
  errors: [credentialsWrong, emailUnverified, external],
  emits: [sessionStarted, secondFactorAsked, recoveryCompleted],

  async run(ctx, input) {
    const attempt = { account: input.email, address: ctx.address }
    await ctx.port(throttle).count('sign-in', attempt)
    const provider = ctx.port(identityProvider)
    const signedIn = await provider.signIn(ctx, input)
    const { userId } = signedIn
    await ctx.port(throttle).forgive(ctx.db, 'sign-in', attempt)
    // Whoever has waited for it goes on without a second factor. The daily job may have been first, a moment ago.
    const isRecovered = signedIn.isPending && (await completeRecoveries(ctx, userId)).length > 0
    if (isRecovered) ctx.record(recoveryCompleted, { resourceId: userId })
    if (signedIn.isPending && (await ctx.port(secondFactors).state(ctx, userId)).enabledAt !== null) {
      ctx.keepSession(signedIn)
      ctx.record(secondFactorAsked, { resourceId: userId })
      return { state: 'second_factor_required' as const, profile: null }
    }
    const session = signedIn.isPending ? await provider.beginSession(ctx, { userId, hasSecondFactor: false }) : signedIn
    ctx.keepSession(session)
    await mailNewDevice(ctx, userId)
    ctx.record(sessionStarted, { after: { id: session.id, userId } })
    return { state: 'signed_in' as const, profile: await provider.profile(ctx, userId) }
  },
})

export const requestPasswordReset = operation({
  name: 'passwordResets.create',
  summary: 'Send a link to choose a new password',
  http: 'POST /password-resets',
  input: { email: email() },
  output: MailUnderWay,
  status: 202,
  permission: 'public',
  target: 'identity',
  errors: [emailInvalid, external],
  emits: [passwordResetRequested],

  async run(ctx, input) {
    await ctx.port(throttle).count('password-reset', { account: input.email, address: ctx.address })
    const message = await ctx.port(identityProvider).requestPasswordReset(ctx, input)
    ctx.record(passwordResetRequested, { resourceId: ctx.newId() })
    if (message) mail(ctx, message)
    return { sentTo: input.email }
  },
})

export const resetPassword = operation({
  name: 'passwordResets.complete',
  summary: 'Choose a new password with the token that was mailed',
  description: 'Ends all sessions of the account.',
  http: 'POST /password-resets/complete',
  input: { token: mailToken(), password: newPassword() },
  permission: 'public',
  target: 'identity',
  errors: [mailTokenInvalid, passwordWeak, external],
  emits: [passwordReset],

  async run(ctx, input) {
    requireOwnAccounts(ctx)
    await refuseBreached(ctx, input.password, 'password')
    const provider = ctx.port(identityProvider)
    const { userId } = await provider.resetPassword(ctx, input)
    const { email: account } = await provider.profile(ctx, userId)
    await ctx.port(throttle).unlock(ctx.db, { account, address: ctx.address })
    await mailChange(ctx, userId, 'password_changed')
    ctx.record(passwordReset, { resourceId: userId })
  },
})

export const changePassword = operation({
  name: 'me.changePassword',
  summary: 'Change your password',
  description: 'Ends your other sessions; this one goes on under a new cookie.',
  http: 'PUT /me/password',
  input: { currentPassword: knownPassword(), newPassword: newPassword() },
  permission: 'signed-in',
  target: 'identity',
  errors: [passwordWrong, passwordWeak, external],
  emits: [passwordChanged],

  async run(ctx, input) {
    await ctx.port(throttle).count('password-change', { account: ctx.actor.id, address: ctx.address })
    requireOwnAccounts(ctx)
    await refuseBreached(ctx, input.newPassword, 'newPassword')
    const { id: userId, signIn: { hasSecondFactor = false } = {} } = ctx.actor
    const change = { userId, hasSecondFactor, ...input }
    const session = await ctx.port(identityProvider).changePassword(ctx, change)
    await mailChange(ctx, userId, 'password_changed')
    ctx.record(passwordChanged, { resourceId: ctx.actor.id })
    ctx.keepSession(session)
  },
})

export const readProfile = operation({
  name: 'me.read',
  summary: 'Show who you are signed in as',
  http: 'GET /me',
  output: Profile,
  permission: 'signed-in',
  target: 'identity',
  support: 'read',
  run: (ctx) => ctx.port(identityProvider).profile(ctx, ctx.actor.id),
})

export const updateProfile = operation({
  name: 'me.update',
  summary: 'Change your name or language',
  http: 'PATCH /me',
  input: { name: personName().optional(), locale: locale().optional() },
  output: Profile,
  permission: 'signed-in',
  target: 'identity',
  emits: [profileChanged],

  async run(ctx, changes) {
    const provider = ctx.port(identityProvider)
    const before = await provider.profile(ctx, ctx.actor.id)
    const after = await provider.updateProfile(ctx, ctx.actor.id, changes)
    ctx.record(profileChanged, { before, after })
    return after
  },
})

function mail(ctx: OpenCtx, message: Message): void {
  ctx.enqueue(sendMail, { id: ctx.newId(), ...message })
}
