import { Gauge } from 'lucide-react'
import type { operations } from '#client/generated/schema.d.ts'
import { useNowMs } from '#ui/date.tsx'
import { Ruler } from '#ui/ruler.tsx'
import { EmptyState } from '#ui/states.tsx'
import { Status } from '#ui/status.tsx'
import { Table } from '#ui/table.tsx'
import { useLanguage, useText } from '#ui/text.tsx'

export type Usage = operations['usage.read']['responses'][200]['content']['application/json']

interface Limit {
  readonly name: string
  readonly used: number
  readonly limit: number
  readonly warnsAt: number
  /** What is said once nothing is left. */
  readonly reached: string
}

interface LimitsProps {
  /** Undefined while it is being loaded. */
  readonly of: Usage | undefined
  /** What people call the records of an entitlement. */
  readonly nameOf: (entitlement: string) => string
}

/** What is used of each limit: on records first, then on requests. */
export function Limits({ of: usage, nameOf }: LimitsProps) {
  const t = useText()
  const figuresOf = useFigures()
  const rows = useLimits(usage, nameOf)
  if (rows?.length === 0)
    return (
      <EmptyState icon={<Gauge size={20} aria-hidden />} title={t('usage.none')}>
        {t('usage.noneHelp')}
      </EmptyState>
    )
  return (
    <Table
      caption={t('usage.limits')}
      rows={rows}
      rowKey={({ name }) => name}
      columns={[
        { key: 'name', header: t('usage.limit'), cell: ({ name }) => name },
        { key: 'used', header: t('usage.used'), align: 'number', cell: (each) => t('usage.of', figuresOf(each)) },
        { key: 'ruler', header: t('usage.reading'), cell: (each) => <Reading of={each} /> },
        { key: 'state', header: t('usage.state'), cell: (each) => <State of={each} /> },
      ]}
    />
  )
}

function useLimits(usage: Usage | undefined, nameOf: LimitsProps['nameOf']): Limit[] | undefined {
  const t = useText()
  const nowMs = useNowMs()
  if (!usage) return undefined
  const { records, rates, windowSeconds } = usage
  const onRecords = records.map(({ entitlement, ...figures }) => ({
    ...figures,
    name: nameOf(entitlement),
    reached: t('usage.full'),
  }))
  const onRequests = rates.map(({ rate, freesAt, ...figures }) => {
    const seconds = Math.max(1, Math.ceil((Date.parse(freesAt ?? '') - nowMs) / 1_000) || 1)
    const name = t(`usage.${rate}`, { seconds: windowSeconds })
    return { ...figures, name, reached: t('usage.reached', { seconds }) }
  })
  return [...onRecords, ...onRequests]
}

function useFigures() {
  const { region } = useLanguage()
  return ({ used, limit }: Limit) => ({ used: used.toLocaleString(region), limit: limit.toLocaleString(region) })
}

function Reading({ of: { name, ...figures } }: { of: Limit }) {
  const t = useText()
  const figuresOf = useFigures()
  const label = t('usage.label', { name, ...figuresOf({ name, ...figures }) })
  return <Ruler label={label} used={figures.used} limit={figures.limit} warnsAt={figures.warnsAt} />
}

function State({ of: { used, limit, warnsAt, reached } }: { of: Limit }) {
  const t = useText()
  if (used >= limit) return <Status look="bad">{reached}</Status>
  if (used >= warnsAt) return <Status look="warn">{t('usage.near')}</Status>
  return <Status look="good">{t('usage.within')}</Status>
}
