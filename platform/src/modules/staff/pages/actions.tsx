import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { ScrollText } from 'lucide-react'
import { DateField, Filters, SearchField } from '#ui/filters.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { api, required } from '#web/api.ts'
import { useListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'
import { useTitle } from '#web/title.ts'
import { actionColumns } from './actions-table.tsx'

const dayMs = 86_400_000

/** What staff did to the platform, the latest first. */
export default function ActionsPage() {
  const t = useText()
  const list = useListState<'-at' | 'at', 'search' | 'from' | 'until'>('-at', ['search', 'from', 'until'])
  useTitle(t('staff.actions.title'), t('staff.console'))
  const { from, until, ...query } = list.query
  const asked = {
    ...query,
    ...(from === undefined ? {} : { from: new Date(`${from}T00:00`).toISOString() }),
    ...(until === undefined ? {} : { until: new Date(Date.parse(`${until}T00:00`) + dayMs).toISOString() }),
  }
  const result = useQuery({
    queryKey: ['staff', 'actions', asked],
    queryFn: async () => required(await api.GET('/api/v1/staff/actions', { params: { query: asked } })),
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <PageHeader title={t('staff.actions.title')}>{t('staff.actions.help')}</PageHeader>
      <Filters>
        <SearchField
          label={t('staff.actions.search')}
          value={list.query.search ?? ''}
          onChange={(search) => list.set({ search })}
        />
        <DateField label={t('staff.began')} value={from} onChange={(day) => list.set({ from: day })} />
        <DateField label={t('staff.ends')} value={until} onChange={(day) => list.set({ until: day })} />
      </Filters>
      <ListView
        caption={t('staff.actions.title')}
        state={list}
        result={result}
        rowKey={({ id }) => id}
        columns={actionColumns(t)}
        empty={
          <EmptyState icon={<ScrollText size={20} aria-hidden />} title={t('staff.actions.none')}>
            {t('staff.actions.noneHelp')}
          </EmptyState>
        }
      />
    </>
  )
}
