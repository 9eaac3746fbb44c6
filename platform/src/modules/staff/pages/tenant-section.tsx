import { useQuery } from '@tanstack/react-query'
import { ErrorState } from '#ui/states.tsx'
import { Table } from '#ui/table.tsx'
import { useText } from '#ui/text.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { actionColumns } from './actions-table.tsx'

/** What staff did to one tenant, as its members read it in their audit log. */
export default function TenantSection({ tenantId: id }: { tenantId: string }) {
  const t = useText()
  const { data, error, refetch } = useQuery({
    queryKey: ['staff', 'actions', 'tenant', id],
    queryFn: async () =>
      required(await api.GET('/api/v1/staff/tenants/{id}/actions', { params: { path: { id } } })).items,
  })
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('staff.actions.here')}</h2>
      </div>
      {error && <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />}
      {data?.length === 0 && <p className="quiet">{t('staff.actions.none')}</p>}
      {!error && data?.length !== 0 && (
        <Table
          caption={t('staff.actions.here')}
          rows={data}
          rowKey={(action) => action.id}
          columns={actionColumns(t)}
        />
      )}
    </section>
  )
}
