import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Gauge } from 'lucide-react'
import type { operations } from '#client/generated/schema.d.ts'
import { useNowMs } from '#ui/date.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { Ruler } from '#ui/ruler.tsx'
import { EmptyState, ErrorState } from '#ui/states.tsx'
import { Status } from '#ui/status.tsx'
import { Table } from '#ui/table.tsx'
import { useLanguage, useText } from '#ui/text.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'

type Report = operations['usage.read']['responses'][200]['content']['application/json']
type Rate = Report['rates'][number]

const askedEveryMs = 5_000

/** What the organisation has used of the limits of its plan, as it is now. */
export default function UsagePage() {
  const t = useText()
  const tenant = useTenant()
  useTitle(t('usage.usage'), tenant.name)
  const figuresOf = useFigures()
  const { data, error, refetch } = useQuery({
    queryKey: ['usage', tenant.slug],
    queryFn: async () => required(await api.GET('/api/v1/usage')),
    placeholderData: keepPreviousData,
    refetchInterval: askedEveryMs,
  })
  const problem = error && !data ? problemOf(error) : undefined
  return (
    <>
      <PageHeader title={t('usage.usage')}>{t('usage.help', { seconds: data?.windowSeconds ?? 60 })}</PageHeader>
      {problem ? (
        <ErrorState detail={problem.detail} requestId={problem.requestId} onRetry={() => void refetch()} />
      ) : data?.rates.length === 0 ? (
        <EmptyState icon={<Gauge size={20} aria-hidden />} title={t('usage.none')}>
          {t('usage.noneHelp')}
        </EmptyState>
      ) : (
        <Table
          caption={t('usage.usage')}
          rows={data?.rates}
          rowKey={({ rate }) => rate}
          columns={[
            { key: 'rate', header: t('usage.requests'), cell: ({ rate }) => t(`usage.${rate}`) },
            { key: 'used', header: t('usage.used'), align: 'number', cell: (rate) => t('usage.of', figuresOf(rate)) },
            { key: 'ruler', header: t('usage.reading'), cell: (rate) => <Reading of={rate} /> },
            { key: 'state', header: t('usage.state'), cell: (rate) => <State of={rate} /> },
          ]}
        />
      )}
    </>
  )
}

function useFigures() {
  const { region } = useLanguage()
  return ({ used, limit }: Rate) => ({ used: used.toLocaleString(region), limit: limit.toLocaleString(region) })
}

function Reading({ of: rate }: { of: Rate }) {
  const t = useText()
  const figuresOf = useFigures()
  const label = t('usage.label', { name: t(`usage.${rate.rate}`), ...figuresOf(rate) })
  return <Ruler label={label} used={rate.used} limit={rate.limit} warnsAt={rate.warnsAt} />
}

function State({ of: { used, limit, warnsAt, freesAt } }: { of: Rate }) {
  const t = useText()
  const nowMs = useNowMs()
  if (used < warnsAt) return <Status look="good">{t('usage.within')}</Status>
  if (used < limit) return <Status look="warn">{t('usage.near')}</Status>
  const seconds = Math.max(1, Math.ceil((Date.parse(freesAt ?? '') - nowMs) / 1_000) || 1)
  return <Status look="bad">{t('usage.reached', { seconds })}</Status>
}
