import { module } from 'tenantry/kernel'
import { createProject, deleteProject, listProjects, readProject, restoreProject, updateProject } from './operations.ts'
import { createTask, deleteTask, listTasks, readTask, restoreTask, updateTask } from './task-operations.ts'

export const projects = module({
  name: 'projects',
  folder: import.meta.dirname,
  needs: ['tenants', 'access'],
  tables: {
    projects: { kind: 'tenant', privileges: ['select', 'insert', 'update'] },
    tasks: { kind: 'tenant', privileges: ['select', 'insert', 'update'] },
  },
  resources: {
    project: { table: 'projects', team: 'team_id', attributes: { ownerId: 'owner_id', state: 'state' } },
    task: {
      table: 'tasks',
      parent: { resource: 'project', column: 'project_id' },
      attributes: { assigneeId: 'assignee_id', state: 'state' },
    },
  },
  permissions: {
    'project:read': ['owner', 'admin', 'member', 'viewer'],
    'project:create': ['owner', 'admin', 'member'],
    'project:update': ['owner', 'admin', 'member'],
    'project:delete': ['owner', 'admin', 'member'],
    'project:restore': ['owner', 'admin', 'member'],
    'task:read': ['owner', 'admin', 'member', 'viewer'],
    'task:create': ['owner', 'admin', 'member'],
    'task:update': ['owner', 'admin', 'member'],
    'task:delete': ['owner', 'admin', 'member'],
    'task:restore': ['owner', 'admin', 'member'],
  },
  operations: [
    listProjects,
    readProject,
    createProject,
    updateProject,
    deleteProject,
    restoreProject,
    listTasks,
    readTask,
    createTask,
    updateTask,
    deleteTask,
    restoreTask,
  ],
})
