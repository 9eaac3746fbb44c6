import { ChartColumn, RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { When } from '#ui/date.tsx'
import { Facts } from '#ui/facts.tsx'
import { Histogram } from '#ui/histogram.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState, ErrorState } from '#ui/states.tsx'
import { useLanguage, useText } from '#ui/text.tsx'
import { problemOf } from '#web/api.ts'
import { useListState } from '#web/list-state.ts'
import { useTitle } from '#web/title.ts'
import { bytesText, durationText } from './amounts.ts'
import { type Report, useAnalyticsReport, usePlanNames } from './analytics-report.ts'
import { AnalyticsTenants, filters, type Sort } from './analytics-tenants.tsx'

const daysDefault = 30

export default function AnalyticsPage() {
  const t = useText()
  const list = useListState<Sort, (typeof filters)[number]>('-databaseMs', filters)
  const days = Number(list.query.days ?? daysDefault)
  const analytics = useAnalyticsReport(days)
  const plans = usePlanNames()
  const [busy, setBusy] = useState(false)
  useTitle(t('analytics.title'), t('staff.console'))
  const { data: report, error, refetch } = analytics.result
  const measure = async () => {
    setBusy(true)
    await analytics.measure()
    setBusy(false)
  }
  const measureButton = (
    <Button icon={<RefreshCw size={16} aria-hidden />} busy={busy} onClick={() => void measure()}>
      {t('analytics.measure')}
    </Button>
  )
  const isMeasured = report !== undefined && report.measuredAt !== null
  return (
    <>
      <PageHeader title={t('analytics.title')} actions={isMeasured && measureButton}>
        {t('analytics.help')}
      </PageHeader>
      {error && !report && <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />}
      {isMeasured && <Totals of={report} />}
      {report && !isMeasured && (
        <EmptyState icon={<ChartColumn size={20} aria-hidden />} title={t('analytics.none')} action={measureButton}>
          {t('analytics.noneHelp')}
        </EmptyState>
      )}
      {!error && <Counts of={report} plans={plans} />}
      <AnalyticsTenants
        list={list}
        days={days}
        plans={plans}
        report={report}
        refetchInterval={analytics.refetchInterval}
      />
    </>
  )
}

function Totals({ of: report }: { of: Report }) {
  const { t, region } = useLanguage()
  const { tenants, activeTenants, people, events, storedBytes, databaseMs, measuredAt } = report
  const counted = (count: number) => count.toLocaleString(region)
  return (
    <Facts
      entries={[
        [t('staff.tenants'), counted(tenants)],
        [t('analytics.active'), counted(activeTenants)],
        [t('analytics.people'), counted(people)],
        [t('analytics.events'), counted(events)],
        [t('analytics.storage'), bytesText(storedBytes, region)],
        [t('analytics.databaseTime'), durationText(databaseMs, region)],
        [t('analytics.measured'), measuredAt === null ? '–' : <When key="measured" at={measuredAt} />],
      ]}
    />
  )
}

/** How tenants are spread. Where there is one kind of a thing, its bar says nothing and is left out, except for plans and models. */
function Counts({ of: report, plans }: { of: Report | undefined; plans: ReadonlyMap<string, string> }) {
  const t = useText()
  const same = (name: string) => name
  const kinds = [
    ['plans', (name: string) => plans.get(name) ?? name],
    ['models', (name: string) => t(`staff.model.${name}`)],
    ['states', (name: string) => t(`staff.state.${name}`)],
    ['regions', same],
    ['cells', same],
  ] as const
  const shown = kinds.filter(([kind]) => kind === 'plans' || kind === 'models' || (report?.[kind].length ?? 0) > 1)
  return (
    <div className="section histograms">
      {shown.map(([kind, nameOf]) => (
        <section key={kind}>
          <div className="section-head">
            <h2>{t(`analytics.${kind}`)}</h2>
          </div>
          <Histogram
            label={t(`analytics.${kind}`)}
            bars={report?.[kind].map(({ name, tenants }) => ({ key: name, name: nameOf(name), count: tenants }))}
          />
        </section>
      ))}
    </div>
  )
}
