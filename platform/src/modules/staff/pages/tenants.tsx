import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Building2 } from 'lucide-react'
import { When } from '#ui/date.tsx'
import { FilterSelect, Filters, SearchField } from '#ui/filters.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { api, required } from '#web/api.ts'
import { useListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'
import { useTitle } from '#web/title.ts'
import { type State, states, TenantState } from './tenant-state.tsx'

type Sort = '-createdAt' | 'createdAt' | 'name' | '-name'

export default function TenantsPage() {
  const t = useText()
  const list = useListState<Sort, 'search' | 'state'>('-createdAt', ['search', 'state'])
  useTitle(t('staff.tenants'), t('staff.console'))
  const { state, ...query } = list.query
  const asked = { ...query, ...(state === undefined ? {} : { state: state as State }) }
  const result = useQuery({
    queryKey: ['staff', 'tenants', asked],
    queryFn: async () => required(await api.GET('/api/v1/staff/tenants', { params: { query: asked } })),
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <PageHeader title={t('staff.tenants')}>{t('staff.tenantsHelp')}</PageHeader>
      <Filters>
        <SearchField label={t('staff.search')} value={query.search ?? ''} onChange={(search) => list.set({ search })} />
        <FilterSelect
          label={t('staff.state')}
          value={state}
          options={states.map((each) => [each, t(`staff.state.${each}`)])}
          onChange={(each) => list.set({ state: each })}
        />
      </Filters>
      <ListView
        caption={t('staff.tenants')}
        state={list}
        result={result}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'name',
            header: t('staff.name'),
            sort: 'name',
            cell: ({ id, name }) => <Link to={`/staff/tenants/${id}`}>{name}</Link>,
          },
          { key: 'state', header: t('staff.state'), cell: (tenant) => <TenantState state={tenant.state} /> },
          { key: 'slug', header: t('staff.slug'), cell: ({ slug }) => <span className="mono">{slug ?? '–'}</span> },
          { key: 'model', header: t('staff.model'), cell: ({ model }) => t(`staff.model.${model}`) },
          { key: 'cell', header: t('staff.cell'), cell: ({ cell, region }) => placeOf(cell, region) },
          {
            key: 'created',
            header: t('staff.created'),
            sort: 'createdAt',
            cell: ({ createdAt }) => <When at={createdAt} />,
          },
        ]}
        empty={
          <EmptyState icon={<Building2 size={20} aria-hidden />} title={t('staff.none')}>
            {t('staff.noneHelp')}
          </EmptyState>
        }
      />
    </>
  )
}

/** A cell, and the region that it is in. */
export function placeOf(cell: string, region: string | null): string {
  return region === null ? cell : `${cell}, ${region}`
}
