import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { PageHeader } from '#ui/page-header.tsx'
import { ErrorState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { modulePages } from '#web/modules.ts'
import { useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { Limits } from './limits.tsx'

const askedEveryMs = 5_000

const kinds = new Map(
  modulePages.flatMap(({ entitlements = [] }) => entitlements).map((kind) => [kind.name, kind.text]),
)

/** What the organisation has used of the limits of its plan, as it is now. */
export default function UsagePage() {
  const t = useText()
  const tenant = useTenant()
  useTitle(t('usage.usage'), tenant.name)
  const { data, error, refetch } = useQuery({
    queryKey: ['usage', tenant.slug],
    queryFn: async () => required(await api.GET('/api/v1/usage')),
    placeholderData: keepPreviousData,
    refetchInterval: askedEveryMs,
  })
  const problem = error && !data ? problemOf(error) : undefined
  return (
    <>
      <PageHeader title={t('usage.usage')}>{t('usage.help')}</PageHeader>
      {problem ? (
        <ErrorState detail={problem.detail} requestId={problem.requestId} onRetry={() => void refetch()} />
      ) : (
        <Limits of={data} nameOf={(name) => t(kinds.get(name) ?? name)} />
      )}
    </>
  )
}
