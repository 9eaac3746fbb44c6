import { notFound } from '#kernel/errors/platform-failures'
import { operation } from '#kernel/operation'
import { id, z } from '#kernel/schema'
import { dropRecovery } from './account-recovery.ts'
import {
  passkeyAdded,
  passkeyRemoved,
  passkeyRenamed,
  recoveryCancelled,
  sessionEnded,
  sessionStarted,
} from './events.ts'
import { external, factorNeeded, passkeyRefused, passkeysFull } from './failures.ts'
import { Profile, RecoveryCodes } from './model.ts'
import { mailChange, mailNewDevice } from './notices.ts'
import {
  Passkey,
  PasskeyAssertion,
  PasskeyCreationOptions,
  PasskeyRegistration,
  PasskeyRequestOptions,
  passkeyName,
} from './passkey-model.ts'
import { identityProvider, isFactorDemanded, passkeys, pendingSignIn, secondFactors, throttle } from './ports.ts'
import { requireFactorLeft, requireOwnAccounts } from './second-factor-proof.ts'

export const challengePasskey = operation({
  name: 'passkeys.challenge',
  summary: 'Ask for the options to prove a passkey with',
  description:
    'For `navigator.credentials.get`. Holds for five minutes and for one answer. While a sign-in waits for its second factor, and for whoever is signed in, it names their passkeys; else any passkey of this site will do.',
  http: 'POST /passkeys/challenge',
  output: PasskeyRequestOptions,
  status: 200,
  permission: 'public',
  target: 'identity',
  errors: [external],

  async run(ctx) {
    requireOwnAccounts(ctx)
    const { kind, id: actorId } = ctx.actor
    const token = ctx.sessionToken
    const waiting = token === undefined ? undefined : await ctx.port(pendingSignIn)(token)
    return ctx.port(passkeys).challenge(ctx, kind === 'person' ? actorId : waiting)
  },
})

export const signInWithPasskey = operation({
  name: 'sessions.createWithPasskey',
  summary: 'Sign in with a passkey',
  description:
    'With an answer to `passkeys.challenge`. Sets the session cookie. The passkey has seen its owner, so it counts as two factors.',
  http: 'POST /sessions/passkey',
  input: { passkey: PasskeyAssertion },
  output: Profile,
  permission: 'public',
  target: 'identity',
  errors: [passkeyRefused, external],
  emits: [sessionStarted, recoveryCancelled],

  async run(ctx, { passkey }) {
    requireOwnAccounts(ctx)
    const attempt = { account: passkey.id, address: ctx.address }
    await ctx.port(throttle).count('sign-in', attempt)
    const userId = await ctx.port(passkeys).verify(ctx, passkey)
    await ctx.port(throttle).forgive(ctx.db, 'sign-in', attempt)
    const provider = ctx.port(identityProvider)
    const session = await provider.beginSession(ctx, { userId, hasSecondFactor: true })
    await mailNewDevice(ctx, userId)
    if (await dropRecovery(ctx, userId)) ctx.record(recoveryCancelled, { resourceId: userId })
    ctx.record(sessionStarted, { after: { id: session.id, userId, provedBy: 'passkey' } })
    ctx.keepSession(session)
    return provider.profile(ctx, userId)
  },
})

export const listPasskeys = operation({
  name: 'passkeys.list',
  summary: 'List your passkeys',
  http: 'GET /me/passkeys',
  output: z.object({ items: z.array(Passkey).max(100) }),
  permission: 'signed-in',
  target: 'identity',
  errors: [external],

  async run(ctx) {
    requireOwnAccounts(ctx)
    return { items: await ctx.port(passkeys).list(ctx, ctx.actor.id) }
  },
})

export const beginPasskey = operation({
  name: 'passkeys.begin',
  summary: 'Ask for the options to make a passkey with',
  description: 'For `navigator.credentials.create`; hand its answer to `passkeys.create` within five minutes.',
  http: 'POST /me/passkeys/begin',
  output: PasskeyCreationOptions,
  status: 200,
  permission: 'signed-in',
  target: 'identity',
  errors: [passkeysFull, external],
  stepUp: true,

  async run(ctx) {
    requireOwnAccounts(ctx)
    const { id: userId, name, email = '' } = ctx.actor
    return ctx.port(passkeys).beginRegistration(ctx, { userId, name, email })
  },
})

export const createPasskey = operation({
  name: 'passkeys.create',
  summary: 'Add the passkey that your browser has made',
  description:
    'From now on signing in with the password asks for a second factor. When this is the first one, ten recovery codes are answered, which are shown here only, and your other sessions end. This session goes on under a new cookie.',
  http: 'POST /me/passkeys',
  input: { name: passkeyName(), registration: PasskeyRegistration },
  output: z.object({ passkey: Passkey, ...RecoveryCodes.shape }),
  permission: 'signed-in',
  target: 'identity',
  errors: [passkeyRefused, passkeysFull, notFound, external],
  emits: [passkeyAdded, sessionEnded],
  stepUp: true,

  async run(ctx, { name, registration }) {
    requireOwnAccounts(ctx)
    const { id: userId } = ctx.actor
    const sessionId = ctx.actor.sessionId ?? ctx.fail(notFound)
    const provider = ctx.port(identityProvider)
    const { enabledAt } = await ctx.port(secondFactors).state(ctx, userId)
    const passkey = await ctx.port(passkeys).register(ctx, { userId, name, registration })
    await mailChange(ctx, userId, 'passkey_added')
    ctx.record(passkeyAdded, { after: passkey })
    if (enabledAt === null) {
      // They came in without it.
      for (const ended of await provider.revokeOtherSessions(ctx, { userId, sessionId })) {
        ctx.record(sessionEnded, { resourceId: ended })
      }
    }
    ctx.keepSession(await provider.renewSession(ctx, { userId, sessionId, hasSecondFactor: true }))
    const isFirst = enabledAt === null
    return { passkey, recoveryCodes: isFirst ? await ctx.port(secondFactors).renewRecoveryCodes(ctx, userId) : [] }
  },
})

export const renamePasskey = operation({
  name: 'passkeys.rename',
  summary: 'Call a passkey something else',
  http: 'PATCH /me/passkeys/{id}',
  input: { id: id(), name: passkeyName() },
  output: Passkey,
  permission: 'signed-in',
  target: 'identity',
  errors: [notFound, external],
  emits: [passkeyRenamed],

  async run(ctx, { id: passkeyId, name }) {
    requireOwnAccounts(ctx)
    const renamed = await ctx.port(passkeys).rename(ctx, { userId: ctx.actor.id, id: passkeyId, name })
    const after = renamed ?? ctx.fail(notFound)
    ctx.record(passkeyRenamed, { after })
    return after
  },
})

export const removePasskey = operation({
  name: 'passkeys.remove',
  summary: 'Remove a passkey',
  description:
    'It signs in nobody any more. When it was the only second factor, the recovery codes go with it, unless a tenant of yours asks for one. Your other sessions end; this one goes on under a new cookie.',
  http: 'DELETE /me/passkeys/{id}',
  input: { id: id() },
  permission: 'signed-in',
  target: 'identity',
  errors: [notFound, factorNeeded, external],
  emits: [passkeyRemoved],
  stepUp: true,

  async run(ctx, { id: passkeyId }) {
    requireOwnAccounts(ctx)
    const { id: userId } = ctx.actor
    const isDemanded = await ctx.port(isFactorDemanded)(userId)
    const removed = await ctx.port(passkeys).remove(ctx, { userId, id: passkeyId })
    const before = removed ?? ctx.fail(notFound)
    const hasSecondFactor = await requireFactorLeft(ctx, userId, isDemanded)
    await ctx.port(secondFactors).dropIdleRecoveryCodes(ctx, userId)
    await mailChange(ctx, userId, 'passkey_removed')
    ctx.record(passkeyRemoved, { before })
    ctx.keepSession(await ctx.port(identityProvider).replaceSessions(ctx, { userId, hasSecondFactor }))
  },
})
