import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Folder, Plus, Trash2 } from 'lucide-react'
import { Button } from 'tenantry/ui/button.tsx'
import { Day, When } from 'tenantry/ui/date.tsx'
import { FilterSelect, Filters, SearchField } from 'tenantry/ui/filters.tsx'
import { RowMenu } from 'tenantry/ui/menu.tsx'
import { PageHeader } from 'tenantry/ui/page-header.tsx'
import { EmptyState } from 'tenantry/ui/states.tsx'
import type { Column } from 'tenantry/ui/table.tsx'
import { useText } from 'tenantry/ui/text.tsx'
import { required } from 'tenantry/web/api.ts'
import { useAddressState, useListState } from 'tenantry/web/list-state.ts'
import { ListView } from 'tenantry/web/list-view.tsx'
import { useMay, useTenant } from 'tenantry/web/session.ts'
import { useTitle } from 'tenantry/web/title.ts'
import { api } from '../../../client/workspace.ts'
import { ProjectDialog } from './project-dialog.tsx'
import { ProjectProgress, type ProjectRecord, ProjectStatus, projectStates } from './project-state.tsx'
import { useChanges } from './use-changes.ts'

type Sort = '-updatedAt' | 'updatedAt' | 'name' | '-name'

export default function ProjectsPage() {
  const t = useText()
  const tenant = useTenant()
  const may = useMay()
  const address = useAddressState()
  const state = useListState<Sort, 'state' | 'search'>('-updatedAt', ['state', 'search'])
  useTitle(t('projects.projects'), tenant.name)
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
  const create = may('project:create') && (
    <Button tone="primary" icon={<Plus size={16} aria-hidden />} onClick={() => address.set({ open: 'new' })}>
      {t('projects.new')}
    </Button>
  )
  return (
    <>
      <PageHeader title={t('projects.projects')} actions={create} />
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
      <ListView
        caption={t('projects.projects')}
        state={state}
        result={result}
        columns={useColumns(tenant.slug)}
        rowKey={({ id }) => id}
        empty={
          <EmptyState icon={<Folder size={20} aria-hidden />} title={t('projects.empty')} action={create}>
            {t('projects.emptyHelp')}
          </EmptyState>
        }
      />
      <ProjectDialog open={address.values['open'] === 'new'} onClose={() => address.set({ open: undefined })} />
    </>
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
