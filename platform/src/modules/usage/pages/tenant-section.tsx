import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { ErrorState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { Limits } from './limits.tsx'

const askedEveryMs = 5_000

/** What one tenant has used of the limits of its plan, as it is now. */
export default function TenantSection({ tenantId: id }: { tenantId: string }) {
  const t = useText()
  const { data, error, refetch } = useQuery({
    queryKey: ['staff', 'usage', 'tenant', id],
    queryFn: async () => required(await api.GET('/api/v1/staff/tenants/{id}/usage', { params: { path: { id } } })),
    placeholderData: keepPreviousData,
    refetchInterval: askedEveryMs,
  })
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('usage.limits')}</h2>
        <span className="fine">{t('usage.limitsHelp')}</span>
      </div>
      {error && !data ? (
        <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
      ) : (
        <Limits of={data} nameOf={(name) => name} />
      )}
    </section>
  )
}
