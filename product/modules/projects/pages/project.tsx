import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { CircleCheck, Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Button } from 'tenantry/ui/button.tsx'
import { Day, When } from 'tenantry/ui/date.tsx'
import { Facts } from 'tenantry/ui/facts.tsx'
import { RowMenu } from 'tenantry/ui/menu.tsx'
import { PageHeader } from 'tenantry/ui/page-header.tsx'
import { EmptyState, ErrorState } from 'tenantry/ui/states.tsx'
import { useText } from 'tenantry/ui/text.tsx'
import { problemOf, required } from 'tenantry/web/api.ts'
import { useFlag } from 'tenantry/web/flags.ts'
import { useAddressState } from 'tenantry/web/list-state.ts'
import { useMay, useTenant } from 'tenantry/web/session.ts'
import { useTitle } from 'tenantry/web/title.ts'
import { api } from '../../../client/workspace.ts'
import { ProjectDialog } from './project-dialog.tsx'
import { ProjectProgress, type ProjectRecord, ProjectStatus } from './project-state.tsx'
import { TaskGroups } from './task-groups.tsx'
import { NewTaskDialog, TaskSheet } from './task-sheet.tsx'
import { useChanges } from './use-changes.ts'

const tasksPerPage = 100

/** One project: its facts, and its tasks by state; the open task is in the address. */
export default function ProjectPage() {
  const { id = '' } = useParams({ strict: false })
  const { slug, name: organisation } = useTenant()
  const { data, error, refetch } = useQuery({
    queryKey: ['projects', slug, 'one', id],
    queryFn: async () => required(await api.GET('/api/v1/projects/{id}', { params: { path: { id } } })),
  })
  useTitle(data?.name ?? '…', organisation)
  if (error) return <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
  if (!data) return null
  return (
    <>
      <ProjectHeader project={data} tenant={slug} />
      <Tasks project={data} tenant={slug} />
    </>
  )
}

function ProjectHeader({ project, tenant }: { project: ProjectRecord; tenant: string }) {
  const t = useText()
  const may = useMay()
  const navigate = useNavigate()
  const [editing, setEditing] = useState(false)
  const { deleteProject } = useChanges()
  const remove = async () => {
    if (await deleteProject(project)) await navigate({ to: `/o/${tenant}/projects` })
  }
  const { dueOn, doneTasks, tasks, updatedAt, description } = project
  return (
    <>
      <PageHeader
        crumbs={<Link to={`/o/${tenant}/projects`}>{t('projects.projects')}</Link>}
        title={project.name}
        actions={
          <>
            {may('project:update') && (
              <Button icon={<Pencil size={16} aria-hidden />} onClick={() => setEditing(true)}>
                {t('projects.edit')}
              </Button>
            )}
            {may('project:delete') && (
              <RowMenu of={project.name}>
                <button type="button" className="bad" onClick={() => void remove()}>
                  <Trash2 size={16} aria-hidden />
                  {t('ui.delete')}
                </button>
              </RowMenu>
            )}
          </>
        }
      >
        {description === '' ? undefined : description}
      </PageHeader>
      <Facts
        entries={[
          [t('projects.state'), <ProjectStatus key="state" project={project} />],
          [t('projects.due'), dueOn === null ? t('projects.noDue') : <Day key="due" on={dueOn} />],
          [
            t('projects.progress'),
            <span key="progress" className="row">
              {t('projects.progressOf', { done: doneTasks, total: tasks })}
              <ProjectProgress project={project} />
            </span>,
          ],
          [t('projects.updated'), <When key="updated" at={updatedAt} />],
        ]}
      />
      <ProjectDialog open={editing} onClose={() => setEditing(false)} project={project} />
    </>
  )
}

function Tasks({ project: { id: projectId }, tenant }: { project: ProjectRecord; tenant: string }) {
  const t = useText()
  const may = useMay()
  const address = useAddressState()
  const isBoard = useFlag('projects.board')
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['tasks', tenant, 'of', projectId],
    queryFn: async ({ pageParam }) => {
      const query = { projectId, limit: tasksPerPage, ...(pageParam === '' ? {} : { cursor: pageParam }) }
      return required(await api.GET('/api/v1/tasks', { params: { query } }))
    },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  const { open } = address.values
  const tasks = data?.pages.flatMap(({ items }) => items)
  const close = () => address.set({ open: undefined })
  const add = may('task:create') && (
    <Button size="small" icon={<Plus size={14} aria-hidden />} onClick={() => address.set({ open: 'new' })}>
      {t('projects.newTask')}
    </Button>
  )
  if (error) return <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('projects.tasks')}</h2>
        {add}
      </div>
      {tasks?.length === 0 && (
        <EmptyState icon={<CircleCheck size={20} aria-hidden />} title={t('projects.noTasks')} action={add}>
          {t('projects.noTasksHelp')}
        </EmptyState>
      )}
      {isBoard !== undefined && (
        <div className={isBoard ? 'board' : undefined}>
          <TaskGroups tasks={tasks ?? []} openId={open} onOpen={(id) => address.set({ open: id })} />
        </div>
      )}
      {hasNextPage && (
        <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('ui.more')}
        </Button>
      )}
      <NewTaskDialog open={open === 'new'} projectId={projectId} onClose={close} />
      <TaskSheet task={tasks?.find(({ id }) => id === open)} onClose={close} />
    </section>
  )
}
