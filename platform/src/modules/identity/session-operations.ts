import { notFound } from '#kernel/errors/platform-failures'
import { operation } from '#kernel/operation'
import { id, z } from '#kernel/schema'
import { sessionEnded } from './events.ts'
import { external } from './failures.ts'
import { SignedInSession } from './model.ts'
import { identityProvider } from './ports.ts'

export const listSessions = operation({
  name: 'sessions.list',
  summary: 'List where you are signed in',
  http: 'GET /sessions',
  output: z.object({ items: z.array(SignedInSession).max(100) }),
  permission: 'signed-in',
  target: 'identity',
  errors: [external],
  async run(ctx) {
    const { id: userId, sessionId: currentId } = ctx.actor
    return { items: await ctx.port(identityProvider).sessions(ctx, { userId, currentId }) }
  },
})

export const endSession = operation({
  name: 'sessions.end',
  summary: 'Sign one device out',
  http: 'DELETE /sessions/{id}',
  input: { id: id() },
  permission: 'signed-in',
  target: 'identity',
  errors: [notFound, external],
  emits: [sessionEnded],

  async run(ctx, { id: sessionId }) {
    await ctx.port(identityProvider).revokeSession(ctx, { userId: ctx.actor.id, sessionId })
    ctx.record(sessionEnded, { resourceId: sessionId })
    if (sessionId === ctx.actor.sessionId) ctx.keepSession(null)
  },
})

export const signOut = operation({
  name: 'sessions.signOut',
  summary: 'Sign out here',
  http: 'DELETE /sessions/current',
  permission: 'signed-in',
  target: 'identity',
  errors: [notFound, external],
  emits: [sessionEnded],

  async run(ctx) {
    const sessionId = ctx.actor.sessionId ?? ctx.fail(notFound)
    await ctx.port(identityProvider).revokeSession(ctx, { userId: ctx.actor.id, sessionId })
    ctx.record(sessionEnded, { resourceId: sessionId })
    ctx.keepSession(null)
  },
})

export const endOtherSessions = operation({
  name: 'sessions.endOthers',
  summary: 'Sign out everywhere else',
  http: 'POST /sessions/end-others',
  output: z.object({ ended: z.number().int().min(0) }),
  status: 200,
  permission: 'signed-in',
  target: 'identity',
  errors: [notFound, external],
  emits: [sessionEnded],

  async run(ctx) {
    const sessionId = ctx.actor.sessionId ?? ctx.fail(notFound)
    const ended = await ctx.port(identityProvider).revokeOtherSessions(ctx, { userId: ctx.actor.id, sessionId })
    for (const endedId of ended) ctx.record(sessionEnded, { resourceId: endedId })
    return { ended: ended.length }
  },
})
