import { useText } from 'tenantry/ui/text.tsx'
import { useToast } from 'tenantry/ui/toast.tsx'
import { problemOf } from 'tenantry/web/api.ts'
import { queryClient } from 'tenantry/web/query-client.ts'
import { useMay } from 'tenantry/web/session.ts'
import { api } from '../../../client/workspace.ts'
import type { ProjectRecord, TaskRecord } from './project-state.tsx'

type Path = { params: { path: { id: string } } }
const at = (id: string): Path => ({ params: { path: { id } } })

/** Whatever shows projects or tasks is loaded anew. */
export async function refresh(): Promise<void> {
  await Promise.all(['projects', 'tasks', 'trash'].map((key) => queryClient.invalidateQueries({ queryKey: [key] })))
}

/** Changes that take effect at once, are said in a toast, and can be undone there. */
export function useChanges() {
  const t = useText()
  const say = useToast()
  const may = useMay()

  async function attempt(change: () => Promise<unknown>, done?: () => void): Promise<boolean> {
    try {
      await change()
      done?.()
      return true
    } catch (error) {
      say(problemOf(error).detail)
      return false
    } finally {
      await refresh()
    }
  }

  const deletion = (
    name: string,
    permission: string,
    remove: () => Promise<unknown>,
    restore: () => Promise<unknown>,
  ) => {
    const undo = () => void attempt(restore, () => say(t('projects.restored', { name })))
    return attempt(remove, () => say(t('projects.deleted', { name }), may(permission) ? undo : undefined))
  }

  return {
    deleteProject: ({ id, name }: ProjectRecord) =>
      deletion(
        name,
        'project:restore',
        () => api.DELETE('/api/v1/projects/{id}', at(id)),
        // With its name, which another one may have had before, too.
        () => api.POST('/api/v1/projects/{id}/restore', { ...at(id), body: { name } }),
      ),
    deleteTask: ({ id, title }: TaskRecord) =>
      deletion(
        title,
        'task:restore',
        () => api.DELETE('/api/v1/tasks/{id}', at(id)),
        () => api.POST('/api/v1/tasks/{id}/restore', at(id)),
      ),
    setTaskState: ({ id }: TaskRecord, state: TaskRecord['state']) =>
      attempt(() => api.PATCH('/api/v1/tasks/{id}', { ...at(id), body: { state } })),
  }
}
