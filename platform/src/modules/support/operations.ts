import { notFound } from '#kernel/errors/platform-failures'
import { list, operation } from '#kernel/operation'
import { id, z } from '#kernel/schema'
import { supportEnded, supportOpened, supportPolicyChanged, supportRaised } from './events.ts'
import { alreadyDecided } from './failures.ts'
import { SupportPolicy, SupportSession, SupportState } from './model.ts'
import * as store from './store.ts'
import { sessionAt, stateAt } from './view.ts'

/** What a tenant sees and decides of those who look into it. Out of reach of whoever does so at the moment. */

export const listSupport = list({
  name: 'supportSessions.list',
  summary: 'List when staff of the platform looked into this organisation, or want to',
  description: 'What they read and changed is in the audit log, under the address of each session.',
  http: 'GET /support-sessions',
  item: SupportSession,
  sort: ['-askedAt'],
  filter: { state: SupportState.optional() },
  permission: 'support:read',
  target: 'control',

  async run(ctx, page, filter) {
    const rows = await store.listSessions(ctx, page, { ...filter, tenant: ctx.tenant.id })
    return rows.map((row) => sessionAt(ctx.now, row))
  },
})

export const approveSupport = operation({
  name: 'supportSessions.approve',
  summary: 'Let staff of the platform in, or let them change something',
  description:
    'Agrees to a session that waits, for as many minutes as it says, or, with `raise`, that staff may change something in one that is open.',
  http: 'POST /support-sessions/{id}/approve',
  input: {
    id: id(),
    raise: z.boolean().default(false).describe('Whether you agree to changes: nobody does by accident.'),
  },
  output: SupportSession,
  status: 200,
  permission: 'support:update',
  target: 'control',
  errors: [notFound, alreadyDecided],
  emits: [supportOpened, supportRaised],

  async run(ctx, { id: sessionId, raise }) {
    const row = (await store.findSession(ctx, sessionId, 'lock')) ?? ctx.fail(notFound)
    const state = stateAt(ctx.now, row)
    const waits = raise ? state === 'open' && row.raiseReason !== null && !row.mayWrite : state === 'waiting'
    if (!waits) ctx.fail(alreadyDecided)
    const { id: approvedBy } = ctx.actor
    const before = sessionAt(ctx.now, row)
    if (raise) {
      const after = sessionAt(ctx.now, await store.raiseSession(ctx, sessionId, approvedBy))
      ctx.record(supportRaised, { before, after })
      return after
    }
    const after = sessionAt(ctx.now, await store.openSession(ctx, row, approvedBy))
    ctx.record(supportOpened, { before, after })
    return after
  },
})

export const endSupport = operation({
  name: 'supportSessions.end',
  summary: 'Turn staff of the platform away, or out',
  description: 'Ends a session that is open within a second everywhere, and refuses one that waits.',
  http: 'POST /support-sessions/{id}/end',
  input: { id: id() },
  output: SupportSession,
  status: 200,
  permission: 'support:update',
  target: 'control',
  errors: [notFound],
  emits: [supportEnded],

  async run(ctx, { id: sessionId }) {
    const row = (await store.findSession(ctx, sessionId, 'lock')) ?? ctx.fail(notFound)
    const before = sessionAt(ctx.now, row)
    const after =
      before.state === 'ended' ? before : sessionAt(ctx.now, await store.endSession(ctx, sessionId, 'member'))
    ctx.record(supportEnded, { before, after })
    return after
  },
})

export const readSupportPolicy = operation({
  name: 'supportPolicy.read',
  summary: 'Show whether staff of the platform may look into this organisation',
  http: 'GET /support-policy',
  output: SupportPolicy,
  permission: 'support:read',
  target: 'control',
  run: (ctx) => store.findPolicy(ctx),
})

export const updateSupportPolicy = operation({
  name: 'supportPolicy.update',
  summary: 'Say whether staff of the platform may look into this organisation',
  description: 'With `never`, sessions that are open go on until they end or are ended.',
  http: 'PUT /support-policy',
  input: { access: SupportPolicy.shape.access },
  output: SupportPolicy,
  permission: 'support:update',
  target: 'control',
  errors: [notFound],
  ifMatch: 'required',
  emits: [supportPolicyChanged],
  stepUp: true,

  async run(ctx, { access }) {
    const before = await store.findPolicy(ctx)
    ctx.expectVersion(before.version)
    const after = (await store.writePolicy(ctx, access)) ?? ctx.fail(notFound)
    ctx.record(supportPolicyChanged, { before, after, resourceId: ctx.tenant.id })
    return after
  },
})
