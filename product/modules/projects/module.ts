import { module } from 'tenantry/kernel'
import {
  createProject,
  deleteProject,
  listProjects,
  purgeProject,
  readProject,
  restoreProject,
  updateProject,
} from './operations.ts'
import * as store from './store.ts'
import { createTask, deleteTask, listTasks, purgeTask, readTask, restoreTask, updateTask } from './task-operations.ts'

export const projects = module({
  name: 'projects',
  folder: import.meta.dirname,
  needs: ['tenants', 'access', 'trash'],
  tables: {
    projects: { kind: 'tenant', privileges: ['select', 'insert', 'update', 'delete'] },
    tasks: { kind: 'tenant', privileges: ['select', 'insert', 'update', 'delete'] },
  },
  resources: {
    project: {
      table: 'projects',
      team: 'team_id',
      attributes: { ownerId: 'owner_id', state: 'state' },
      trash: { name: 'name', asksForName: true },
    },
    task: {
      table: 'tasks',
      parent: { resource: 'project', column: 'project_id' },
      attributes: { assigneeId: 'assignee_id', state: 'state' },
      trash: { name: 'title' },
    },
  },
  entitlements: { projects: { records: 'project' } },
  onboarding: { 'projects.create': { permission: 'project:create', isDone: store.hasProject } },
  flags: {
    'projects.board': {
      summary:
        'Shows the tasks of a project in columns side by side, one for each state, instead of one below the other.',
      default: false,
    },
  },
  permissions: {
    'project:read': ['owner', 'admin', 'member', 'viewer'],
    'project:create': ['owner', 'admin', 'member'],
    'project:update': ['owner', 'admin', 'member'],
    'project:delete': ['owner', 'admin', 'member'],
    'project:restore': ['owner', 'admin', 'member'],
    'project:purge': ['owner', 'admin'],
    'task:read': ['owner', 'admin', 'member', 'viewer'],
    'task:create': ['owner', 'admin', 'member'],
    'task:update': ['owner', 'admin', 'member'],
    'task:delete': ['owner', 'admin', 'member'],
    'task:restore': ['owner', 'admin', 'member'],
    'task:purge': ['owner', 'admin'],
  },
  operations: [
    listProjects,
    readProject,
    createProject,
    updateProject,
    deleteProject,
    restoreProject,
    purgeProject,
    listTasks,
    readTask,
    createTask,
    updateTask,
    deleteTask,
    restoreTask,
    purgeTask,
  ],
})
