import { notFound } from '#kernel/errors/platform-failures'
import { operation } from '#kernel/operation'
import { dropRecovery } from './account-recovery.ts'
import {
  authenticatorBegun,
  recoveryCancelled,
  recoveryCodesRenewed,
  secondFactorDisabled,
  secondFactorEnabled,
  sessionEnded,
  sessionProved,
  sessionStarted,
} from './events.ts'
import {
  authenticatorMissing,
  authenticatorPresent,
  codeWrong,
  external,
  factorNeeded,
  passwordWrong,
  signInExpired,
} from './failures.ts'
import { AuthenticatorSecret, knownPassword, Profile, RecoveryCodes, SecondFactor, secondFactorCode } from './model.ts'
import { mailChange, mailNewDevice } from './notices.ts'
import { identityProvider, isFactorDemanded, pendingSignIn, secondFactors } from './ports.ts'
import {
  countAttempt,
  forgiveAttempt,
  proofFailures,
  proveSecondFactor,
  requireFactorLeft,
  requireOwnAccounts,
  secondFactorProof,
} from './second-factor-proof.ts'

export const verifySignIn = operation({
  name: 'sessions.verify',
  summary: 'Finish signing in with a second factor',
  description:
    'After `sessions.create` has answered `second_factor_required`, within ten minutes, with the cookie that it set. Takes a code of the authenticator app, a recovery code or a passkey; each works once.',
  http: 'POST /sessions/verify',
  input: secondFactorProof(),
  output: Profile,
  permission: 'public',
  target: 'identity',
  errors: [signInExpired, ...proofFailures],
  emits: [sessionStarted, recoveryCancelled],

  async run(ctx, proof) {
    const token = ctx.sessionToken ?? ctx.fail(signInExpired)
    // Whose it is must be known before the first statement: see throttle.ts.
    const userId = (await ctx.port(pendingSignIn)(token)) ?? ctx.fail(signInExpired)
    const provider = ctx.port(identityProvider)
    await countAttempt(ctx, userId)
    const session = await provider.resumeSignIn(ctx, { userId, token })
    const provedBy = await proveSecondFactor(ctx, userId, proof)
    await forgiveAttempt(ctx, userId)
    await mailNewDevice(ctx, userId)
    if (await dropRecovery(ctx, userId)) ctx.record(recoveryCancelled, { resourceId: userId })
    ctx.record(sessionStarted, { after: { id: session.id, userId, provedBy } })
    ctx.keepSession(session)
    return provider.profile(ctx, userId)
  },
})

export const stepUp = operation({
  name: 'sessions.stepUp',
  summary: 'Prove once more that it is you',
  description:
    'For operations that answer `session.step_up_required`. Takes a code or a passkey from whoever has a second factor, else the password. This session goes on under a new cookie.',
  http: 'POST /sessions/step-up',
  input: { currentPassword: knownPassword().optional(), ...secondFactorProof() },
  permission: 'signed-in',
  target: 'identity',
  errors: [passwordWrong, notFound, ...proofFailures],
  emits: [sessionProved],

  async run(ctx, { currentPassword: password = '', ...proof }) {
    requireOwnAccounts(ctx)
    const { id: userId, signIn: { hasSecondFactor = false } = {} } = ctx.actor
    const sessionId = ctx.actor.sessionId ?? ctx.fail(notFound)
    await countAttempt(ctx, userId)
    const provider = ctx.port(identityProvider)
    if (hasSecondFactor) await proveSecondFactor(ctx, userId, proof)
    else await provider.provePassword(ctx, { userId, password })
    await forgiveAttempt(ctx, userId)
    ctx.record(sessionProved, { resourceId: sessionId })
    ctx.keepSession(await provider.renewSession(ctx, { userId, sessionId, hasSecondFactor }))
  },
})

export const readSecondFactor = operation({
  name: 'secondFactor.read',
  summary: 'Show whether signing in asks you for a second factor',
  http: 'GET /me/second-factor',
  output: SecondFactor,
  permission: 'signed-in',
  target: 'identity',
  errors: [external],

  async run(ctx) {
    requireOwnAccounts(ctx)
    return ctx.port(secondFactors).state(ctx, ctx.actor.id)
  },
})

export const beginAuthenticator = operation({
  name: 'authenticator.begin',
  summary: 'Make a secret for an authenticator app',
  description:
    'Nothing asks for it until `authenticator.confirm`. Calling it again makes another secret; the one before holds no more.',
  http: 'POST /me/authenticator',
  output: AuthenticatorSecret,
  permission: 'signed-in',
  target: 'identity',
  errors: [authenticatorPresent, external],
  emits: [authenticatorBegun],
  stepUp: true,

  async run(ctx) {
    requireOwnAccounts(ctx)
    const { id: userId, email = '' } = ctx.actor
    const secret = await ctx.port(secondFactors).prepare(ctx, { userId, email })
    ctx.record(authenticatorBegun, { resourceId: userId })
    return secret
  },
})

export const confirmAuthenticator = operation({
  name: 'authenticator.confirm',
  summary: 'Turn the second factor on with a first code of the app',
  description:
    'Answers ten recovery codes, which are shown here only. Your other sessions end; this one goes on under a new cookie.',
  http: 'POST /me/authenticator/confirm',
  input: { code: secondFactorCode() },
  output: RecoveryCodes,
  status: 200,
  permission: 'signed-in',
  target: 'identity',
  errors: [authenticatorMissing, authenticatorPresent, codeWrong, notFound, external],
  emits: [secondFactorEnabled, sessionEnded],
  stepUp: true,

  async run(ctx, { code }) {
    requireOwnAccounts(ctx)
    const { id: userId } = ctx.actor
    const sessionId = ctx.actor.sessionId ?? ctx.fail(notFound)
    await countAttempt(ctx, userId)
    const provider = ctx.port(identityProvider)
    const recoveryCodes = await ctx.port(secondFactors).confirm(ctx, userId, code)
    await forgiveAttempt(ctx, userId)
    // They came in without it.
    for (const ended of await provider.revokeOtherSessions(ctx, { userId, sessionId })) {
      ctx.record(sessionEnded, { resourceId: ended })
    }
    await mailChange(ctx, userId, 'authenticator_added')
    ctx.record(secondFactorEnabled, { resourceId: userId })
    ctx.keepSession(await provider.renewSession(ctx, { userId, sessionId, hasSecondFactor: true }))
    return { recoveryCodes }
  },
})

export const renewRecoveryCodes = operation({
  name: 'recoveryCodes.renew',
  summary: 'Make ten new recovery codes',
  description: 'Those of before hold no more. They are shown here only.',
  http: 'POST /me/recovery-codes',
  input: secondFactorProof(),
  output: RecoveryCodes,
  status: 200,
  permission: 'signed-in',
  target: 'identity',
  errors: proofFailures,
  emits: [recoveryCodesRenewed],

  async run(ctx, proof) {
    requireOwnAccounts(ctx)
    const { id: userId } = ctx.actor
    await countAttempt(ctx, userId)
    await proveSecondFactor(ctx, userId, proof)
    await forgiveAttempt(ctx, userId)
    const recoveryCodes = await ctx.port(secondFactors).renewRecoveryCodes(ctx, userId)
    await mailChange(ctx, userId, 'recovery_codes_renewed')
    ctx.record(recoveryCodesRenewed, { resourceId: userId })
    return { recoveryCodes }
  },
})

export const disableSecondFactor = operation({
  name: 'secondFactor.disable',
  summary: 'Remove the authenticator app',
  description:
    'Asks for the password and a code or a passkey. Without a passkey signing in then asks for the password only, and the recovery codes go. Your other sessions end; this one goes on under a new cookie.',
  http: 'POST /me/second-factor/disable',
  input: { currentPassword: knownPassword(), ...secondFactorProof() },
  permission: 'signed-in',
  target: 'identity',
  errors: [passwordWrong, factorNeeded, ...proofFailures],
  emits: [secondFactorDisabled],

  async run(ctx, { currentPassword: password, ...proof }) {
    requireOwnAccounts(ctx)
    const { id: userId } = ctx.actor
    const isDemanded = await ctx.port(isFactorDemanded)(userId)
    await countAttempt(ctx, userId)
    const provider = ctx.port(identityProvider)
    await provider.provePassword(ctx, { userId, password })
    await proveSecondFactor(ctx, userId, proof)
    await forgiveAttempt(ctx, userId)
    await ctx.port(secondFactors).removeAuthenticator(ctx, userId)
    const hasSecondFactor = await requireFactorLeft(ctx, userId, isDemanded)
    await mailChange(ctx, userId, 'authenticator_removed')
    ctx.record(secondFactorDisabled, { resourceId: userId })
    ctx.keepSession(await provider.replaceSessions(ctx, { userId, hasSecondFactor }))
  },
})
