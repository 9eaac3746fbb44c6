import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck } from 'lucide-react'
import { Day, When } from 'tenantry/ui/date.tsx'
import { FilterSelect, Filters } from 'tenantry/ui/filters.tsx'
import { PageHeader } from 'tenantry/ui/page-header.tsx'
import { EmptyState } from 'tenantry/ui/states.tsx'
import { useText } from 'tenantry/ui/text.tsx'
import { required } from 'tenantry/web/api.ts'
import { useListState } from 'tenantry/web/list-state.ts'
import { ListView } from 'tenantry/web/list-view.tsx'
import { useMe, useTenant } from 'tenantry/web/session.ts'
import { useTitle } from 'tenantry/web/title.ts'
import { api } from '../../../client/workspace.ts'
import { TaskStatus, taskStates } from './project-state.tsx'

/** What is given to me, from all projects. */
export default function MyTasksPage() {
  const t = useText()
  const tenant = useTenant()
  const { id: assigneeId } = useMe()
  const state = useListState<'-updatedAt' | 'updatedAt' | 'title' | '-title', 'state'>('-updatedAt', ['state'])
  useTitle(t('projects.myTasks'), tenant.name)
  const result = useQuery({
    queryKey: ['tasks', tenant.slug, 'mine', state.query],
    queryFn: async () => {
      const { state: taskState, ...query } = state.query
      const filter = taskStates.find((each) => each === taskState)
      return required(
        await api.GET('/api/v1/tasks', {
          params: { query: { ...query, assigneeId, ...(filter && { state: filter }) } },
        }),
      )
    },
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <PageHeader title={t('projects.myTasks')} />
      <Filters>
        <FilterSelect
          label={t('projects.state')}
          value={state.query.state}
          options={taskStates.map((each) => [each, t(`projects.${each}`)])}
          onChange={(chosen) => state.set({ state: chosen })}
        />
      </Filters>
      <ListView
        caption={t('projects.myTasks')}
        state={state}
        result={result}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'title',
            header: t('projects.taskTitle'),
            sort: 'title',
            cell: ({ id, projectId, title }) => (
              <Link to={`/o/${tenant.slug}/projects/${projectId}`} search={{ open: id }} dir="auto">
                {title}
              </Link>
            ),
          },
          { key: 'state', header: t('projects.state'), cell: (task) => <TaskStatus state={task.state} /> },
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
        ]}
        empty={
          <EmptyState icon={<CircleCheck size={20} aria-hidden />} title={t('projects.noneMine')}>
            {t('projects.noneMineHelp')}
          </EmptyState>
        }
      />
    </>
  )
}
