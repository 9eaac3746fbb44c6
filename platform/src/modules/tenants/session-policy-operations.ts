import { notFound, secondFactorRequired } from '#kernel/errors/platform-failures'
import { operation } from '#kernel/operation'
import { sessionPolicyChanged } from './events.ts'
import { SessionPolicy } from './model.ts'
import { findSessionPolicy, writeSessionPolicy } from './session-policy-store.ts'

export const readSessionPolicy = operation({
  name: 'sessionPolicy.read',
  summary: 'Show what this organisation asks of sessions',
  http: 'GET /session-policy',
  output: SessionPolicy,
  permission: 'security:read',
  target: 'control',
  errors: [notFound],
  run: async (ctx) => (await findSessionPolicy(ctx)) ?? ctx.fail(notFound),
})

export const updateSessionPolicy = operation({
  name: 'sessionPolicy.update',
  summary: 'Change what this organisation asks of sessions',
  description:
    'Counts within a second, for sessions that are open, too. Who asks for a second factor must have come in with one. Keys are not asked.',
  http: 'PUT /session-policy',
  input: {
    mfaRequired: SessionPolicy.shape.mfaRequired,
    idleTimeoutMinutes: SessionPolicy.shape.idleTimeoutMinutes,
    sessionMaxHours: SessionPolicy.shape.sessionMaxHours,
  },
  output: SessionPolicy,
  permission: 'security:update',
  target: 'control',
  errors: [notFound, secondFactorRequired],
  ifMatch: 'required',
  emits: [sessionPolicyChanged],
  stepUp: true,

  async run(ctx, policy) {
    // Or they would have shut themselves out.
    if (policy.mfaRequired && ctx.actor.signIn?.hasSecondFactor === false)
      ctx.fail(secondFactorRequired, { detail: 'Set up a second factor of your own before you ask everybody for one.' })
    const before = (await findSessionPolicy(ctx, 'lock')) ?? ctx.fail(notFound)
    ctx.expectVersion(before.version)
    const after = (await writeSessionPolicy(ctx, policy)) ?? ctx.fail(notFound)
    ctx.record(sessionPolicyChanged, { before, after, resourceId: ctx.tenant.id })
    return after
  },
})
