import { notFound } from '#kernel/errors/platform-failures'
import { list, operation } from '#kernel/operation'
import { id, searchText, z } from '#kernel/schema'
import { deleteSessions, findAccount, listAccounts, sessionsOf } from '#modules/identity'
import { tenantsOfUser } from '#modules/tenants'
import { userSessionsEnded } from './events.ts'
import { Reason, User, UserInFull } from './model.ts'

/** What staff see of accounts. Whoever has one reads what was done to it by mail or by being signed out, not in an audit log. */

export const listUsers = list({
  name: 'staffUsers.list',
  summary: 'List the accounts of this installation',
  http: 'GET /staff/users',
  item: User,
  sort: ['-createdAt', 'email'],
  filter: { search: searchText().optional().describe('Part of the address or the name, or how the id begins.') },
  permission: 'staff',
  target: 'identity',
  run: async (ctx, page, { search }) => listAccounts(ctx, page, search),
})

export const readUser = operation({
  name: 'staffUsers.read',
  summary: 'Show an account with its organisations and where it is signed in',
  http: 'GET /staff/users/{id}',
  input: { id: id() },
  output: UserInFull,
  permission: 'staff',
  target: 'identity',
  errors: [notFound],

  async run(ctx, { id: user }) {
    const account = (await findAccount(ctx, user)) ?? ctx.fail(notFound)
    const sessions = await sessionsOf(ctx.db, user, ctx.actor.sessionId ?? null, ctx.now)
    return { ...account, sessions, tenants: await tenantsOfUser(ctx.control, user) }
  },
})

export const endUserSessions = operation({
  name: 'staffUsers.endSessions',
  summary: 'Sign an account out everywhere',
  description: 'Counts within a second. Sign-ins that wait for a second factor end, too. Keys of organisations go on.',
  http: 'POST /staff/users/{id}/end-sessions',
  status: 200,
  input: { id: id(), reason: Reason },
  output: z.object({ ended: z.number().int().min(0).max(100) }),
  permission: 'staff',
  target: 'identity',
  errors: [notFound],
  emits: [userSessionsEnded],

  async run(ctx, { id: user, reason }) {
    if (!(await findAccount(ctx, user))) ctx.fail(notFound)
    const ended = (await sessionsOf(ctx.db, user, null, ctx.now)).length
    await deleteSessions(ctx.db, user)
    ctx.record(userSessionsEnded, { after: { ended, reason }, resourceId: user })
    return { ended }
  },
})
