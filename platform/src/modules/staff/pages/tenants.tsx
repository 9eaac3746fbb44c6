import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Building2, Plus } from 'lucide-react'
import { Button } from '#ui/button.tsx'
import { When } from '#ui/date.tsx'
import { FilterSelect, Filters, SearchField } from '#ui/filters.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { api, required } from '#web/api.ts'
import { useAddressState, useListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'
import { useTitle } from '#web/title.ts'
import { NewTenantDialog } from './new-tenant-dialog.tsx'
import { type State, states, TenantState } from './tenant-state.tsx'

type Sort = '-createdAt' | 'createdAt' | 'name' | '-name'

export default function TenantsPage() {
  const t = useText()
  const list = useListState<Sort, 'search' | 'state'>('-createdAt', ['search', 'state'])
  const address = useAddressState()
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
      <PageHeader
        title={t('staff.tenants')}
        actions={
          <Button tone="primary" icon={<Plus size={16} aria-hidden />} onClick={() => address.set({ open: 'new' })}>
            {t('staff.create')}
          </Button>
        }
      >
        {t('staff.tenantsHelp')}
      </PageHeader>
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
      <NewTenantDialog open={address.values['open'] === 'new'} onClose={() => address.set({ open: undefined })} />
    </>
  )
}

/** A cell, and the region that it is in. */
export function placeOf(cell: string, region: string): string {
  return `${cell}, ${region}`
}
