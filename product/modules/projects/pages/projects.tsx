import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Folder, Trash2 } from 'lucide-react'
import { Day, When } from 'tenantry/ui/date.tsx'
import { FilterSelect, Filters, SearchField } from 'tenantry/ui/filters.tsx'
import { RowMenu } from 'tenantry/ui/menu.tsx'
import type { Column } from 'tenantry/ui/table.tsx'
import { useText } from 'tenantry/ui/text.tsx'
import { required } from 'tenantry/web/api.ts'
import { ListPage } from 'tenantry/web/list-page.tsx'
import { useListState } from 'tenantry/web/list-state.ts'
import { useMay, useTenant } from 'tenantry/web/session.ts'
import { api } from '../../../client/workspace.ts'
import { ProjectDialog } from './project-dialog.tsx'
import { ProjectProgress, type ProjectRecord, ProjectStatus, projectStates } from './project-state.tsx'
import { useChanges } from './use-changes.ts'

type Sort = '-updatedAt' | 'updatedAt' | 'name' | '-name'

export default function ProjectsPage() {
  const t = useText()
  const tenant = useTenant()
  const state = useListState<Sort, 'state' | 'search'>('-updatedAt', ['state', 'search'])
  const result = useQuery({
    queryKey: ['projects', tenant.slug, state.query],
    queryFn: async () => {
      const { state: projectState, ...query } = state.query
      const filter = projectStates.find((each) => each === projectState)
      return required(
        await api.GET('/api/v1/projects', { params: { query: { ...query, ...(filter && { state: filter }) } } }),
      )
    },
    placeholderData: keepPreviousData,
  })
  return (
    <ListPage
      title={t('projects.projects')}
      create={{ permission: 'project:create', text: t('projects.new') }}
      dialog={(layer) => <ProjectDialog {...layer} />}
      filters={
        <Filters>
          <SearchField
            label={t('projects.filter')}
            value={state.query.search ?? ''}
            onChange={(search) => state.set({ search })}
          />
          <FilterSelect
            label={t('projects.state')}
            value={state.query.state}
            options={projectStates.map((each) => [each, t(`projects.${each}`)])}
            onChange={(chosen) => state.set({ state: chosen })}
          />
        </Filters>
      }
      state={state}
      result={result}
      columns={useColumns(tenant.slug)}
      rowKey={({ id }) => id}
      empty={{ icon: <Folder size={20} aria-hidden />, title: t('projects.empty'), help: t('projects.emptyHelp') }}
    />
  )
}

function useColumns(tenant: string): Column<ProjectRecord>[] {
  const t = useText()
  return [
    {
      key: 'name',
      header: t('projects.project'),
      sort: 'name',
      cell: ({ id, name }) => (
        <Link to={`/o/${tenant}/projects/${id}`} dir="auto">
          {name}
        </Link>
      ),
    },
    { key: 'state', header: t('projects.state'), cell: (project) => <ProjectStatus project={project} /> },
    {
      key: 'progress',
      header: t('projects.progress'),
      cell: (project) => <ProjectProgress project={project} />,
    },
    {
      key: 'open',
      header: t('projects.openTasks'),
      align: 'number',
      cell: ({ tasks, doneTasks }) => tasks - doneTasks,
    },
    {
      key: 'due',
      header: t('projects.due'),
      align: 'number',
      cell: ({ dueOn }) => dueOn !== null && <Day on={dueOn} />,
    },
    {
      key: 'updated',
      header: t('projects.updated'),
      align: 'number',
      sort: 'updatedAt',
      cell: ({ updatedAt }) => <When at={updatedAt} />,
    },
    { key: 'acts', header: t('ui.actions'), align: 'acts', cell: (project) => <ProjectMenu project={project} /> },
  ]
}

function ProjectMenu({ project }: { project: ProjectRecord }) {
  const t = useText()
  const may = useMay()
  const { deleteProject } = useChanges()
  if (!may('project:delete')) return null
  return (
    <RowMenu of={project.name}>
      <button type="button" className="bad" onClick={() => void deleteProject(project)}>
        <Trash2 size={16} aria-hidden />
        {t('ui.delete')}
      </button>
    </RowMenu>
  )
}
