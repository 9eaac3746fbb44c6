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

/** What is used of each limit on requests; undefined while it is being loaded. */
export function Rates({ of: usage }: { of: Usage | undefined }) {
  const t = useText()
  const nowMs = useNowMs()
  const rows = usage?.rates.map(({ rate, freesAt, ...figures }) => {
    const seconds = Math.max(1, Math.ceil((Date.parse(freesAt ?? '') - nowMs) / 1_000) || 1)
    return { ...figures, name: t(`usage.${rate}`), reached: t('usage.reached', { seconds }) }
  })
  return <Limits what={t('usage.requests')} rows={rows} />
}

/** How many records there are of each kind that the plan limits. `nameOf`: what people call them. */
export function Records({ of: usage, nameOf }: { of: Usage | undefined; nameOf: (entitlement: string) => string }) {
  const t = useText()
  const rows = usage?.records.map(({ entitlement, ...figures }) => ({
    ...figures,
    name: nameOf(entitlement),
    reached: t('usage.full'),
  }))
  return <Limits what={t('usage.records')} rows={rows} />
}

function Limits({ what, rows }: { what: string; rows: readonly Limit[] | undefined }) {
  const t = useText()
  const figuresOf = useFigures()
  if (rows?.length === 0)
    return (
      <EmptyState icon={<Gauge size={20} aria-hidden />} title={t('usage.none')}>
        {t('usage.noneHelp')}
      </EmptyState>
    )
  return (
    <Table
      caption={what}
      rows={rows}
      rowKey={({ name }) => name}
      columns={[
        { key: 'name', header: what, cell: ({ name }) => name },
        { key: 'used', header: t('usage.used'), align: 'number', cell: (each) => t('usage.of', figuresOf(each)) },
        { key: 'ruler', header: t('usage.reading'), cell: (each) => <Reading of={each} /> },
        { key: 'state', header: t('usage.state'), cell: (each) => <State of={each} /> },
      ]}
    />
  )
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
