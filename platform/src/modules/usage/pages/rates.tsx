import { Gauge } from 'lucide-react'
import type { operations } from '#client/generated/schema.d.ts'
import { useNowMs } from '#ui/date.tsx'
import { Ruler } from '#ui/ruler.tsx'
import { EmptyState } from '#ui/states.tsx'
import { Status } from '#ui/status.tsx'
import { Table } from '#ui/table.tsx'
import { useLanguage, useText } from '#ui/text.tsx'

type Rate = operations['usage.read']['responses'][200]['content']['application/json']['rates'][number]

/** What is used of each limit; undefined while it is being loaded. */
export function Rates({ of: rates }: { of: readonly Rate[] | undefined }) {
  const t = useText()
  const figuresOf = useFigures()
  if (rates?.length === 0)
    return (
      <EmptyState icon={<Gauge size={20} aria-hidden />} title={t('usage.none')}>
        {t('usage.noneHelp')}
      </EmptyState>
    )
  return (
    <Table
      caption={t('usage.usage')}
      rows={rates}
      rowKey={({ rate }) => rate}
      columns={[
        { key: 'rate', header: t('usage.requests'), cell: ({ rate }) => t(`usage.${rate}`) },
        { key: 'used', header: t('usage.used'), align: 'number', cell: (rate) => t('usage.of', figuresOf(rate)) },
        { key: 'ruler', header: t('usage.reading'), cell: (rate) => <Reading of={rate} /> },
        { key: 'state', header: t('usage.state'), cell: (rate) => <State of={rate} /> },
      ]}
    />
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
