import { useQuery } from '@tanstack/react-query'
import { ChevronDown } from 'lucide-react'
import type { operations } from '#client/generated/schema.d.ts'
import { Day, When } from '#ui/date.tsx'
import { DayBars } from '#ui/day-bars.tsx'
import { Histogram } from '#ui/histogram.tsx'
import { ErrorState } from '#ui/states.tsx'
import { Table } from '#ui/table.tsx'
import { useLanguage, useText } from '#ui/text.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { bytesText, durationText } from './amounts.ts'

type Numbers = operations['tenantAnalytics.read']['responses'][200]['content']['application/json']
type DayNumbers = Numbers['days'][number]

/** What one tenant did and took in the last 30 days. */
export default function TenantSection({ tenantId: id }: { tenantId: string }) {
  const t = useText()
  const { data, error, refetch } = useQuery({
    queryKey: ['staff', 'analytics', 'tenant', id],
    queryFn: async () => required(await api.GET('/api/v1/staff/analytics/tenants/{id}', { params: { path: { id } } })),
  })
  if (error) return <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('analytics.days', { count: 30 })}</h2>
        <span className="fine">
          {data?.measuredAt === null && t('analytics.notMeasured')}
          {typeof data?.measuredAt === 'string' && (
            <>
              {t('analytics.measured')} <When at={data.measuredAt} />
            </>
          )}
        </span>
      </div>
      {data ? <Charts of={data} /> : <span className="skeleton" />}
    </section>
  )
}

function Charts({ of: { days, operations: costly } }: { of: Numbers }) {
  const { t, region } = useLanguage()
  const sum = (field: 'events' | 'databaseMs') => days.reduce((total, day) => total + day[field], 0)
  const stored = days.findLast(({ storedBytes }) => storedBytes !== null)?.storedBytes
  const chart = (text: string, amount: string, valueOf: (day: DayNumbers) => number) => (
    <section>
      <div className="section-head">
        <h3>{text}</h3>
        <b>{amount}</b>
      </div>
      <DayBars
        label={t('analytics.chart', { text, amount })}
        bars={days.map((day) => ({ day: day.day, value: valueOf(day) }))}
      />
    </section>
  )
  return (
    <>
      <div className="histograms">
        {chart(t('analytics.events'), sum('events').toLocaleString(region), ({ events }) => events)}
        {chart(
          t('analytics.storage'),
          typeof stored === 'number' ? bytesText(stored, region) : '–',
          ({ storedBytes }) => storedBytes ?? 0,
        )}
        {chart(t('analytics.databaseTime'), durationText(sum('databaseMs'), region), ({ databaseMs }) => databaseMs)}
      </div>
      <details className="group">
        <summary>
          <ChevronDown size={14} aria-hidden />
          {t('analytics.byDay')}
        </summary>
        <ByDay days={days} />
      </details>
      {costly.length > 0 && (
        <div className="section">
          <div className="section-head">
            <h2>{t('analytics.byOperation')}</h2>
            <span className="fine">{t('analytics.byOperationHelp')}</span>
          </div>
          <Histogram
            label={t('analytics.byOperationHelp')}
            bars={costly.map(({ operation, databaseMs }) => ({
              key: operation,
              name: <span className="mono">{operation}</span>,
              count: Math.round(databaseMs),
            }))}
          />
        </div>
      )}
    </>
  )
}

function ByDay({ days }: { days: readonly DayNumbers[] }) {
  const { t, region } = useLanguage()
  return (
    <Table
      caption={t('analytics.byDay')}
      rows={days.toReversed()}
      rowKey={({ day }) => day}
      columns={[
        { key: 'day', header: t('analytics.day'), cell: ({ day }) => <Day on={day} /> },
        {
          key: 'events',
          header: t('analytics.events'),
          align: 'number',
          cell: ({ events }) => events.toLocaleString(region),
        },
        {
          key: 'people',
          header: t('analytics.peopleOfDay'),
          align: 'number',
          cell: ({ people }) => people.toLocaleString(region),
        },
        {
          key: 'storage',
          header: t('analytics.storage'),
          align: 'number',
          cell: ({ storedBytes }) => (storedBytes === null ? '–' : bytesText(storedBytes, region)),
        },
        {
          key: 'database',
          header: t('analytics.databaseTime'),
          align: 'number',
          cell: ({ databaseMs }) => durationText(databaseMs, region),
        },
      ]}
    />
  )
}
