import type { Ctx } from '#kernel/context'
import { notFound } from '#kernel/errors/platform-failures'
import { list, operation } from '#kernel/operation'
import { id, z } from '#kernel/schema'
import { deleteAssignmentsOn } from './assignment-store.ts'
import {
  teamCreated,
  teamDeleted,
  teamMemberAdded,
  teamMemberRemoved,
  teamMemberUpdated,
  teamUpdated,
} from './events.ts'
import { alreadyInTeam, notAssignable, notOfTeam, teamNameTaken } from './failures.ts'
import { RoleDescription, RoleTitle, Team, TeamMember } from './model.ts'
import { principalOf } from './ports.ts'
import * as store from './team-store.ts'

const noMember = 'This is no member here.'
const nameField = { errors: [{ pointer: '#/name', code: 'taken', detail: teamNameTaken.title }] }

export const listTeams = list({
  name: 'teams.list',
  summary: 'List the teams of this organisation',
  http: 'GET /teams',
  item: Team,
  sort: ['name', 'createdAt'],
  permission: 'team:read',
  run: (ctx, page) => store.listTeams(ctx, page),
})

export const readTeam = operation({
  name: 'teams.read',
  summary: 'Read a team with its members',
  http: 'GET /teams/{id}',
  input: { id: id() },
  output: Team.extend({ people: z.array(TeamMember).max(1_000) }),
  permission: 'team:read',
  errors: [notFound],

  async run(ctx, { id: teamId }) {
    const team = (await store.findTeam(ctx, teamId)) ?? ctx.fail(notFound)
    return { ...team, people: await store.listTeamMembers(ctx, teamId) }
  },
})

export const createTeam = operation({
  name: 'teams.create',
  summary: 'Create a team',
  http: 'POST /teams',
  input: { name: RoleTitle, description: RoleDescription.default('') },
  output: Team,
  permission: 'team:create',
  errors: [teamNameTaken],
  emits: [teamCreated],

  async run(ctx, asked) {
    const team = (await store.insertTeam(ctx, asked)) ?? ctx.fail(teamNameTaken, nameField)
    ctx.record(teamCreated, { after: team })
    return team
  },
})

export const updateTeam = operation({
  name: 'teams.update',
  summary: 'Change the name or the description of a team',
  http: 'PATCH /teams/{id}',
  input: { id: id(), name: RoleTitle.optional(), description: RoleDescription.optional() },
  output: Team,
  permission: 'team:update',
  errors: [notFound, teamNameTaken],
  emits: [teamUpdated],

  async run(ctx, { id: teamId, ...changes }) {
    const before = (await store.lockTeam(ctx, teamId)) ?? ctx.fail(notFound)
    ctx.expectVersion(before.version)
    const after = (await store.updateTeam(ctx, teamId, { ...before, ...changes })) ?? ctx.fail(teamNameTaken, nameField)
    ctx.record(teamUpdated, { before, after })
    return after
  },
})

export const deleteTeam = operation({
  name: 'teams.delete',
  summary: 'Delete a team, and with it every role that was given for what belongs to it',
  description: 'Its records stay, and belong to no team then.',
  http: 'DELETE /teams/{id}',
  input: { id: id() },
  permission: 'team:delete',
  errors: [notFound],
  emits: [teamDeleted],

  async run(ctx, { id: teamId }) {
    const before = (await store.lockTeam(ctx, teamId)) ?? ctx.fail(notFound)
    ctx.expectVersion(before.version)
    const withdrawn = await deleteAssignmentsOn(ctx, teamId)
    await store.deleteTeam(ctx, teamId)
    ctx.record(teamDeleted, { before: { ...before, assignments: withdrawn } })
  },
})

export const createTeamMember = operation({
  name: 'teamMembers.create',
  summary: 'Take a member into a team',
  description: 'Leads of the team may, too. What somebody may do on its records is a role, which is given beside.',
  http: 'POST /teams/{id}/members',
  input: { id: id(), principalId: id(), isLead: z.boolean().default(false) },
  output: TeamMember,
  permission: 'team:read',
  errors: [notFound, notOfTeam, notAssignable, alreadyInTeam],
  emits: [teamMemberAdded],

  async run(ctx, { id: teamId, principalId, isLead }) {
    const team = (await store.lockTeam(ctx, teamId)) ?? ctx.fail(notFound)
    await requireLead(ctx, teamId)
    if ((await ctx.port(principalOf)(ctx, principalId))?.kind !== 'person')
      ctx.fail(notAssignable, {
        detail: noMember,
        errors: [{ pointer: '#/principalId', code: 'not_assignable', detail: noMember }],
      })
    const member = (await store.insertTeamMember(ctx, teamId, { principalId, isLead })) ?? ctx.fail(alreadyInTeam)
    ctx.record(teamMemberAdded, { after: { ...member, team: team.name }, resourceId: teamId })
    return member
  },
})

export const updateTeamMember = operation({
  name: 'teamMembers.update',
  summary: 'Make somebody a lead of a team, or no lead any more',
  http: 'PATCH /teams/{id}/members/{principalId}',
  input: { id: id(), principalId: id(), isLead: z.boolean() },
  output: TeamMember,
  permission: 'team:read',
  errors: [notFound, notOfTeam],
  emits: [teamMemberUpdated],

  async run(ctx, { id: teamId, principalId, isLead }) {
    const before = (await store.lockTeamMember(ctx, teamId, principalId)) ?? ctx.fail(notFound)
    await requireLead(ctx, teamId)
    await store.updateTeamMember(ctx, teamId, principalId, isLead)
    const after = { ...before, isLead }
    ctx.record(teamMemberUpdated, { before, after, resourceId: teamId })
    return after
  },
})

export const removeTeamMember = operation({
  name: 'teamMembers.remove',
  summary: 'Take somebody out of a team, with the roles that they have for what belongs to it',
  description: 'Everybody may leave a team; others are taken out by its leads.',
  http: 'DELETE /teams/{id}/members/{principalId}',
  input: { id: id(), principalId: id() },
  permission: 'team:read',
  errors: [notFound, notOfTeam],
  emits: [teamMemberRemoved],

  async run(ctx, { id: teamId, principalId }) {
    const before = (await store.lockTeamMember(ctx, teamId, principalId)) ?? ctx.fail(notFound)
    if (principalId !== ctx.actor.id) await requireLead(ctx, teamId)
    const withdrawn = await deleteAssignmentsOn(ctx, teamId, principalId)
    await store.deleteTeamMember(ctx, teamId, principalId)
    ctx.record(teamMemberRemoved, { before: { ...before, assignments: withdrawn }, resourceId: teamId })
  },
})

/** A lead of the team, or whoever may change all teams. */
async function requireLead(ctx: Ctx, teamId: string): Promise<void> {
  if (ctx.permissions.has('team:update')) return
  const self = await store.lockTeamMember(ctx, teamId, ctx.actor.id)
  if (!self?.isLead) ctx.fail(notOfTeam)
}
