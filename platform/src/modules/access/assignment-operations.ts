import { lineageOf } from '#kernel/access/resource'
import type { Ctx } from '#kernel/context'
import { notFound } from '#kernel/errors/platform-failures'
import { list, operation } from '#kernel/operation'
import { id, instant } from '#kernel/schema'
import * as store from './assignment-store.ts'
import { roleAssigned, roleWithdrawn } from './events.ts'
import { alreadyAssigned, baseAssignment, notAssignable, notHeld } from './failures.ts'
import { Assignment, Scope } from './model.ts'
import { catalogue, type Principal, principalOf } from './ports.ts'
import { recordIn } from './record.ts'
import { requireHeld } from './role-operations.ts'
import { findRole } from './role-store.ts'
import { findTeam } from './team-store.ts'

export const listAssignments = list({
  name: 'assignments.list',
  summary: 'List who has which role, where and until when',
  http: 'GET /assignments',
  item: Assignment,
  sort: ['createdAt'],
  filter: { principalId: id().optional(), roleId: id().optional(), scopeId: id().optional() },
  permission: 'role:read',
  run: (ctx, page, filter) => store.listAssignments(ctx, page, filter),
})

export const createAssignment = operation({
  name: 'assignments.create',
  summary: 'Give a member or a service account a role: everywhere, on what belongs to a team, or on one record',
  description:
    'It reaches what is part of the record, too. The one role of the system that a member has for the whole organisation is changed in the list of members.',
  http: 'POST /assignments',
  input: {
    principalId: id().describe('The account of a member, or a service account.'),
    roleId: id(),
    scope: Scope.default({ kind: 'tenant' }),
    expiresAt: instant().nullable().default(null).describe('Null: until it is withdrawn.'),
  },
  output: Assignment,
  permission: 'role:assign',
  errors: [notAssignable, notHeld, alreadyAssigned],
  emits: [roleAssigned],

  async run(ctx, asked) {
    const role = (await findRole(ctx, asked.roleId)) ?? refuse(ctx, 'roleId', 'There is no such role.')
    requireHeld(
      ctx,
      role.permissions.map(({ permission }) => permission),
    )
    const principal =
      (await ctx.port(principalOf)(ctx, asked.principalId)) ??
      refuse(ctx, 'principalId', 'This is no member and no service account here.')
    if (role.system !== null && isOfMembership(asked.scope, principal))
      refuse(ctx, 'roleId', 'This role is given for the whole organisation, in the list of members.')
    if (role.system === 'owner') refuse(ctx, 'roleId', 'Owners are people, and are named in the list of members.')
    if (asked.expiresAt !== null && asked.expiresAt <= ctx.now) refuse(ctx, 'expiresAt', 'This is in the past.')
    await requireScope(ctx, asked.scope)
    const assignment = (await store.insertAssignment(ctx, asked)) ?? ctx.fail(alreadyAssigned)
    ctx.record(roleAssigned, { after: assignment })
    return assignment
  },
})

export const revokeAssignment = operation({
  name: 'assignments.revoke',
  summary: 'Take a role from a member or a service account',
  description: 'It counts within a second on every process.',
  http: 'DELETE /assignments/{id}',
  input: { id: id() },
  permission: 'role:assign',
  errors: [notFound, baseAssignment, notHeld],
  emits: [roleWithdrawn],

  async run(ctx, { id: assignmentId }) {
    const { system, ...before } = (await store.lockAssignment(ctx, assignmentId)) ?? ctx.fail(notFound)
    const principal = await ctx.port(principalOf)(ctx, before.principalId)
    if (system !== null && isOfMembership({ kind: before.scopeKind }, principal)) ctx.fail(baseAssignment)
    const role = (await findRole(ctx, before.roleId)) ?? ctx.fail(notFound)
    // Whoever may not give it may not take it either.
    requireHeld(
      ctx,
      role.permissions.map(({ permission }) => permission),
    )
    await store.deleteAssignment(ctx, assignmentId)
    ctx.record(roleWithdrawn, { before })
  },
})

/** A member has one role of the system for the whole organisation, by being a member. A service account has what it is given. */
function isOfMembership({ kind }: Pick<Scope, 'kind'>, principal: Principal | undefined): boolean {
  return kind === 'tenant' && principal?.kind === 'person'
}

async function requireScope(ctx: Ctx, scope: Scope): Promise<void> {
  const { resources } = ctx.port(catalogue)
  if (scope.kind === 'team' && !(await findTeam(ctx, scope.id))) refuse(ctx, 'scope/id', 'There is no such team.')
  if (scope.kind !== 'record') return
  if (lineageOf(resources, scope.resource).length === 0)
    refuse(ctx, 'scope/resource', `Roles reach single records of: ${[...resources.keys()].join(', ')}.`)
  if (!(await recordIn(ctx, scope))) refuse(ctx, 'scope/id', 'There is no such record.')
}

function refuse(ctx: Ctx, field: string, detail: string): never {
  return ctx.fail(notAssignable, { detail, errors: [{ pointer: `#/${field}`, code: 'not_assignable', detail }] })
}
