import { notFound } from '#kernel/errors/platform-failures'
import { list, operation } from '#kernel/operation'
import { id } from '#kernel/schema'
import { accountByEmail, hasMembership } from '#modules/tenants'
import { supportAsked, supportEnded, supportOpened, supportRaiseAsked, supportRaised } from './events.ts'
import { memberUnknown, notOpen, supportRefused } from './failures.ts'
import {
  MemberAddress,
  Minutes,
  Reason,
  SupportSession,
  SupportSessionForStaff,
  SupportState,
  Ticket,
} from './model.ts'
import * as store from './store.ts'
import { sessionAt, stateAt, withTenants } from './view.ts'

/** What staff do about access to a tenant. Each step is in the tenant's own audit log. */

const tenantOfId = ({ id: tenantId }: { id: string }) => tenantId
/** What all of them have in common: they work on one session of one tenant. */
const ofSession = { permission: 'staff', target: 'control', tenantFrom: tenantOfId } as const

export const askForSupport = operation({
  name: 'staffSupport.ask',
  summary: 'Ask to look into an organisation as one of its members',
  description:
    'Opens at once where the organisation allows it, else when somebody of it agrees. Requests then carry the header `Tenantry-Support` with the id of the session, beside `Tenantry-Console`. Only reads are let through until the session is raised; secrets, exports and roles never.',
  http: 'POST /staff/tenants/{id}/support-sessions',
  input: { id: id(), member: MemberAddress, reason: Reason, ticket: Ticket, minutes: Minutes.default(30) },
  output: SupportSession,
  permission: 'staff',
  target: 'control',
  tenantFrom: tenantOfId,
  errors: [supportRefused, memberUnknown],
  emits: [supportAsked, supportOpened],

  async run(ctx, { member: address, reason, ticket, minutes }) {
    const { access } = await store.findPolicy(ctx)
    if (access === 'never') ctx.fail(supportRefused)
    const member = (await ctx.port(accountByEmail)(address.toLowerCase())) ?? ctx.fail(memberUnknown)
    if (!(await hasMembership(ctx.db, member.userId, ctx.tenant.id))) ctx.fail(memberUnknown)
    const asked = { memberId: member.userId, memberName: member.name, reason, ticket, minutes }
    const waiting = await store.insertSession(ctx, asked)
    const before = sessionAt(ctx.now, waiting)
    ctx.record(supportAsked, { after: { ...before, isLetIn: access === 'always' } })
    if (access !== 'always') return before
    const after = sessionAt(ctx.now, await store.openSession(ctx, waiting, null))
    ctx.record(supportOpened, { before, after })
    return after
  },
})

export const listSupportForStaff = list({
  name: 'staffSupport.list',
  summary: 'List the support sessions of all organisations',
  http: 'GET /staff/support-sessions',
  item: SupportSessionForStaff,
  sort: ['-askedAt'],
  filter: { tenant: id().optional().describe('Those of one organisation.'), state: SupportState.optional() },
  permission: 'staff',
  target: 'control',

  async run(ctx, page, filter) {
    const rows = await store.listSessions(ctx, page, filter)
    return withTenants(ctx, rows)
  },
})

export const readSupportForStaff = operation({
  ...ofSession,
  name: 'staffSupport.read',
  summary: 'Show a support session',
  http: 'GET /staff/tenants/{id}/support-sessions/{sessionId}',
  input: { id: id(), sessionId: id() },
  output: SupportSession,
  errors: [notFound],
  run: async (ctx, { sessionId }) =>
    sessionAt(ctx.now, (await store.findSession(ctx, sessionId)) ?? ctx.fail(notFound)),
})

export const raiseSupport = operation({
  ...ofSession,
  name: 'staffSupport.raise',
  summary: 'Ask to change something in a support session',
  description: 'At once where the organisation lets support in unasked, else when somebody of it agrees.',
  http: 'POST /staff/tenants/{id}/support-sessions/{sessionId}/raise',
  input: { id: id(), sessionId: id(), reason: Reason },
  errors: [notFound, notOpen],
  emits: [supportRaiseAsked, supportRaised],

  async run(ctx, { sessionId, reason }) {
    const row = (await store.findSession(ctx, sessionId, 'lock')) ?? ctx.fail(notFound)
    if (row.staffId !== ctx.actor.id || row.mayWrite || stateAt(ctx.now, row) !== 'open') ctx.fail(notOpen)
    const before = sessionAt(ctx.now, row)
    const asked = sessionAt(ctx.now, await store.askToRaise(ctx, sessionId, reason))
    ctx.record(supportRaiseAsked, { before, after: asked })
    if ((await store.findPolicy(ctx)).access !== 'always') return
    const after = sessionAt(ctx.now, await store.raiseSession(ctx, sessionId, null))
    ctx.record(supportRaised, { before: asked, after })
  },
})

export const endSupportByStaff = operation({
  ...ofSession,
  name: 'staffSupport.end',
  summary: 'End a support session',
  description: 'One’s own or a colleague’s, within a second everywhere. To leave needs no reason.',
  http: 'POST /staff/tenants/{id}/support-sessions/{sessionId}/end',
  input: { id: id(), sessionId: id() },
  output: SupportSession,
  status: 200,
  errors: [notFound],
  emits: [supportEnded],

  async run(ctx, { sessionId }) {
    const row = (await store.findSession(ctx, sessionId, 'lock')) ?? ctx.fail(notFound)
    const before = sessionAt(ctx.now, row)
    const after =
      before.state === 'ended' ? before : sessionAt(ctx.now, await store.endSession(ctx, sessionId, 'staff'))
    ctx.record(supportEnded, { before, after })
    return after
  },
})
