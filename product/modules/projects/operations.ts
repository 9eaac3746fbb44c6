import { type Ctx, day, event, failure, id, list, notFound, operation, searchText, text } from 'tenantry/kernel'
import { isTeam } from 'tenantry/modules/access'
import { moveToTrash, nameNotConfirmed, nameTaken, purge, takeFromTrash } from 'tenantry/modules/trash'
import { Project, ProjectName, ProjectState } from './model.ts'
import * as store from './store.ts'

export const projectCreated = event('project.created', { version: 1, carries: ['name'] })
export const projectUpdated = event('project.updated', { version: 1, carries: ['name', 'state'] })
export const projectDeleted = event('project.deleted', { version: 1 })
export const projectRestored = event('project.restored', { version: 1 })
export const projectPurged = event('project.purged', { version: 1 })

export const unknownTeam = failure('project.unknown_team', {
  status: 422,
  title: 'There is no such team.',
  help: 'The team was deleted, or the id belongs to no team of this organisation.',
})

export const listProjects = list({
  name: 'projects.list',
  summary: 'List projects',
  http: 'GET /projects',
  item: Project,
  sort: ['-updatedAt', 'createdAt', 'name'],
  filter: {
    state: ProjectState.optional(),
    teamId: id().optional(),
    search: searchText().optional().describe('Part of the name.'),
  },
  deleted: 'project:restore',
  permission: 'project:read',
  run: (ctx, page, filter) => store.listProjects(ctx, page, filter),
})

export const readProject = operation({
  name: 'projects.read',
  summary: 'Read a project',
  http: 'GET /projects/{id}',
  input: { id: id() },
  output: Project,
  permission: 'project:read',
  errors: [notFound],
  run: async (ctx, input) => (await store.findProject(ctx, input.id)) ?? ctx.fail(notFound),
})

export const createProject = operation({
  name: 'projects.create',
  summary: 'Create a project',
  http: 'POST /projects',
  input: {
    name: ProjectName,
    description: text({ max: 5_000 }).default(''),
    state: ProjectState.default('planned'),
    dueOn: day().nullable().default(null),
    teamId: id().nullable().default(null).describe('The team that it belongs to.'),
  },
  output: Project,
  permission: 'project:create',
  entitlement: 'projects',
  errors: [unknownTeam],
  emits: [projectCreated],

  async run(ctx, input) {
    await requireTeam(ctx, input.teamId)
    const project = await store.insertProject(ctx, input)
    ctx.record(projectCreated, { after: project })
    return project
  },
})

export const updateProject = operation({
  name: 'projects.update',
  summary: 'Change a project',
  http: 'PATCH /projects/{id}',
  input: {
    id: id(),
    name: ProjectName.optional(),
    description: text({ max: 5_000 }).optional(),
    state: ProjectState.optional(),
    dueOn: day().nullable().optional(),
    teamId: id().nullable().optional(),
  },
  output: Project,
  permission: 'project:update',
  errors: [notFound, unknownTeam],
  emits: [projectUpdated],

  async run(ctx, { id: projectId, ...changes }) {
    const before = (await store.lockProject(ctx, projectId, 'live')) ?? ctx.fail(notFound)
    ctx.expectVersion(before.version)
    if (changes.teamId !== before.teamId) await requireTeam(ctx, changes.teamId)
    const after = await store.updateProject(ctx, before, changes)
    ctx.record(projectUpdated, { before, after })
    return after
  },
})

export const deleteProject = operation({
  name: 'projects.delete',
  summary: 'Move a project and its tasks to the trash',
  http: 'DELETE /projects/{id}',
  input: { id: id() },
  permission: 'project:delete',
  errors: [notFound],
  emits: [projectDeleted],

  async run(ctx, { id: projectId }) {
    const before = (await store.lockProject(ctx, projectId, 'live')) ?? ctx.fail(notFound)
    ctx.expectVersion(before.version)
    const after = { ...before, ...(await moveToTrash(ctx, 'project', before)) }
    ctx.record(projectDeleted, { before, after })
  },
})

export const restoreProject = operation({
  name: 'projects.restore',
  summary: 'Take a project and its tasks out of the trash',
  http: 'POST /projects/{id}/restore',
  input: { id: id(), name: ProjectName.optional().describe('What it is called from now on. Default: as before.') },
  output: Project,
  status: 200,
  permission: 'project:restore',
  entitlement: 'projects',
  errors: [notFound, nameTaken],
  emits: [projectRestored],

  async run(ctx, { id: projectId, name }) {
    const before = (await store.lockProject(ctx, projectId, 'trashed')) ?? ctx.fail(notFound)
    const after = { ...before, ...(await takeFromTrash(ctx, 'project', before, name)), name: name ?? before.name }
    ctx.record(projectRestored, { before, after })
    return after
  },
})

export const purgeProject = operation({
  name: 'projects.purge',
  summary: 'Delete a project in the trash, and its tasks, for good',
  http: 'POST /projects/{id}/purge',
  input: { id: id(), confirm: ProjectName.describe('Its name.') },
  permission: 'project:purge',
  errors: [notFound, nameNotConfirmed],
  emits: [projectPurged],

  async run(ctx, { id: projectId, confirm }) {
    const before = (await store.lockProject(ctx, projectId, 'trashed')) ?? ctx.fail(notFound)
    ctx.expectVersion(before.version)
    await purge(ctx, 'project', before, confirm)
    ctx.record(projectPurged, { before })
  },
})

async function requireTeam(ctx: Ctx, teamId: string | null | undefined): Promise<void> {
  if (typeof teamId !== 'string' || (await isTeam(ctx, teamId))) return
  ctx.fail(unknownTeam, { errors: [{ pointer: '#/teamId', code: 'unknown', detail: unknownTeam.title }] })
}
