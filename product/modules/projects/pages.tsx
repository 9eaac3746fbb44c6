import { CircleCheck, Folder, Plus } from 'lucide-react'
import { lazy } from 'react'
import { required } from 'tenantry/web/api.ts'
import type { ModulePages } from 'tenantry/web/module-pages.ts'
import { api } from '../../client/workspace.ts'
import MyTasksPage from './pages/my-tasks.tsx'
import ProjectsPage from './pages/projects.tsx'

const foundMax = 5
const choicesMax = 20

export const pages: ModulePages = {
  routes: [
    { path: 'projects', area: 'workspace', page: ProjectsPage },
    { path: 'projects/$id', area: 'workspace', page: lazy(() => import('./pages/project.tsx')) },
    { path: 'tasks', area: 'workspace', page: MyTasksPage },
  ],
  navigation: [
    { text: 'projects.projects', path: 'projects', icon: Folder, permission: 'project:read', group: 'product' },
    { text: 'projects.myTasks', path: 'tasks', icon: CircleCheck, permission: 'task:read', group: 'product' },
  ],
  onboarding: [
    {
      key: 'projects.create',
      text: 'projects.beginCreate',
      help: 'projects.beginCreateHelp',
      path: 'projects',
      search: { open: 'new' },
    },
  ],
  commands: [
    {
      text: 'projects.new',
      path: 'projects',
      search: { open: 'new' },
      icon: Plus,
      permission: 'project:create',
    },
  ],
  trash: [
    {
      resource: 'project',
      text: 'projects.project',
      restore: (id, name) =>
        api.POST('/api/v1/projects/{id}/restore', {
          params: { path: { id } },
          ...(name === undefined ? {} : { body: { name } }),
        }),
      purge: (id, confirm) => api.POST('/api/v1/projects/{id}/purge', { params: { path: { id } }, body: { confirm } }),
    },
    {
      resource: 'task',
      text: 'projects.task',
      restore: (id) => api.POST('/api/v1/tasks/{id}/restore', { params: { path: { id } } }),
      purge: (id, confirm) => api.POST('/api/v1/tasks/{id}/purge', { params: { path: { id } }, body: { confirm } }),
    },
  ],
  entitlements: [{ name: 'projects', text: 'projects.projects' }],
  records: [
    {
      resource: 'project',
      text: 'projects.project',
      async find(search) {
        const query = { limit: choicesMax, ...(search === '' ? {} : { search }) }
        return required(await api.GET('/api/v1/projects', { params: { query } })).items
      },
      async nameOf(id) {
        return required(await api.GET('/api/v1/projects/{id}', { params: { path: { id } } })).name
      },
    },
  ],
  find: {
    permission: 'project:read',
    async find(search) {
      const found = required(await api.GET('/api/v1/projects', { params: { query: { search, limit: foundMax } } }))
      return found.items.map(({ id, name }) => ({ text: name, path: `projects/${id}`, icon: Folder }))
    },
  },
}
