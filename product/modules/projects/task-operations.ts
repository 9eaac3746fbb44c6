import { type Ctx, day, event, failure, id, list, notFound, operation, text } from 'tenantry/kernel'
import { isMember } from 'tenantry/modules/tenants'
import { moveToTrash, nameNotConfirmed, purge, takeFromTrash } from 'tenantry/modules/trash'
import { Task, TaskState, TaskTitle } from './model.ts'
import { lockProject } from './store.ts'
import * as store from './task-store.ts'

export const taskCreated = event('task.created', { version: 1, carries: ['projectId', 'title'] })
export const taskUpdated = event('task.updated', { version: 1, carries: ['projectId', 'state'] })
export const taskDeleted = event('task.deleted', { version: 1 })
export const taskRestored = event('task.restored', { version: 1 })
export const taskPurged = event('task.purged', { version: 1 })

export const unknownAssignee = failure('task.unknown_assignee', {
  status: 422,
  title: 'Tasks can only be given to members of this organisation.',
  help: 'Invite the person first, or choose somebody from the list of members.',
})
export const unknownProject = failure('task.unknown_project', {
  status: 422,
  title: 'There is no such project.',
  help: 'The project was deleted, or the id belongs to no project of this organisation.',
})

export const listTasks = list({
  name: 'tasks.list',
  summary: 'List tasks, of one project or of all',
  http: 'GET /tasks',
  item: Task,
  sort: ['createdAt', 'updatedAt', 'title'],
  filter: { projectId: id().optional(), assigneeId: id().optional(), state: TaskState.optional() },
  deleted: 'task:restore',
  permission: 'task:read',
  run: (ctx, page, filter) => store.listTasks(ctx, page, filter),
})

export const readTask = operation({
  name: 'tasks.read',
  summary: 'Read a task',
  http: 'GET /tasks/{id}',
  input: { id: id() },
  output: Task,
  permission: 'task:read',
  errors: [notFound],
  run: async (ctx, input) => (await store.findTask(ctx, input.id)) ?? ctx.fail(notFound),
})

export const createTask = operation({
  name: 'tasks.create',
  summary: 'Create a task in a project',
  http: 'POST /tasks',
  input: {
    projectId: id(),
    title: TaskTitle,
    notes: text({ max: 10_000 }).default(''),
    state: TaskState.default('todo'),
    assigneeId: id().nullable().default(null),
    dueOn: day().nullable().default(null),
  },
  output: Task,
  permission: 'task:create',
  about: ({ projectId }) => ({ resource: 'project', id: projectId }),
  errors: [unknownProject, unknownAssignee],
  emits: [taskCreated],

  async run(ctx, input) {
    // Locked, so that the project cannot be deleted between this look and the commit.
    const project = await lockProject(ctx, input.projectId, 'live')
    if (!project)
      return ctx.fail(unknownProject, {
        errors: [{ pointer: '#/projectId', code: 'unknown', detail: unknownProject.title }],
      })
    await requireMember(ctx, input.assigneeId)
    const task = await store.insertTask(ctx, input)
    ctx.record(taskCreated, { after: task })
    return task
  },
})

export const updateTask = operation({
  name: 'tasks.update',
  summary: 'Change a task',
  http: 'PATCH /tasks/{id}',
  input: {
    id: id(),
    title: TaskTitle.optional(),
    notes: text({ max: 10_000 }).optional(),
    state: TaskState.optional(),
    assigneeId: id().nullable().optional(),
    dueOn: day().nullable().optional(),
  },
  output: Task,
  permission: 'task:update',
  errors: [notFound, unknownAssignee],
  emits: [taskUpdated],

  async run(ctx, { id: taskId, ...changes }) {
    const before = (await store.lockTask(ctx, taskId, 'live')) ?? ctx.fail(notFound)
    ctx.expectVersion(before.version)
    if (changes.assigneeId !== before.assigneeId) await requireMember(ctx, changes.assigneeId)
    const after = await store.updateTask(ctx, before, changes)
    ctx.record(taskUpdated, { before, after })
    return after
  },
})

export const deleteTask = operation({
  name: 'tasks.delete',
  summary: 'Move a task to the trash',
  http: 'DELETE /tasks/{id}',
  input: { id: id() },
  permission: 'task:delete',
  errors: [notFound],
  emits: [taskDeleted],

  async run(ctx, { id: taskId }) {
    const before = (await store.lockTask(ctx, taskId, 'live')) ?? ctx.fail(notFound)
    ctx.expectVersion(before.version)
    const after = { ...before, ...(await moveToTrash(ctx, 'task', before)) }
    ctx.record(taskDeleted, { before, after })
  },
})

export const restoreTask = operation({
  name: 'tasks.restore',
  summary: 'Take a task out of the trash',
  http: 'POST /tasks/{id}/restore',
  input: { id: id() },
  output: Task,
  status: 200,
  permission: 'task:restore',
  errors: [notFound],
  emits: [taskRestored],

  async run(ctx, { id: taskId }) {
    const before = (await store.lockTask(ctx, taskId, 'trashed')) ?? ctx.fail(notFound)
    const after = { ...before, ...(await takeFromTrash(ctx, 'task', before)) }
    ctx.record(taskRestored, { before, after })
    return after
  },
})

export const purgeTask = operation({
  name: 'tasks.purge',
  summary: 'Delete a task in the trash for good',
  http: 'POST /tasks/{id}/purge',
  input: { id: id(), confirm: TaskTitle.describe('Its title.') },
  permission: 'task:purge',
  errors: [notFound, nameNotConfirmed],
  emits: [taskPurged],

  async run(ctx, { id: taskId, confirm }) {
    const before = (await store.lockTask(ctx, taskId, 'trashed')) ?? ctx.fail(notFound)
    ctx.expectVersion(before.version)
    await purge(ctx, 'task', { id: taskId, name: before.title }, confirm)
    ctx.record(taskPurged, { before })
  },
})

async function requireMember(ctx: Ctx, assigneeId: string | null | undefined): Promise<void> {
  if (typeof assigneeId !== 'string' || (await isMember(ctx, assigneeId))) return
  ctx.fail(unknownAssignee, { errors: [{ pointer: '#/assigneeId', code: 'unknown', detail: unknownAssignee.title }] })
}
