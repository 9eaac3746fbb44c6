import { Pause } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { Facts } from '#ui/facts.tsx'
import { type Bar, Histogram } from '#ui/histogram.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { Progress } from '#ui/progress.tsx'
import { ErrorState } from '#ui/states.tsx'
import { Status, type StatusLook } from '#ui/status.tsx'
import { useLanguage, useText } from '#ui/text.tsx'
import { problemOf } from '#web/api.ts'
import { useTitle } from '#web/title.ts'
import { type Report, useFleetReport } from './fleet-report.ts'
import { FleetTargets } from './fleet-targets.tsx'
import { HeldBanner, HoldDialog } from './hold.tsx'

export default function FleetPage() {
  const t = useText()
  const fleet = useFleetReport()
  const [asking, setAsking] = useState<'pause' | 'resume'>()
  useTitle(t('fleet.title'), t('staff.console'))
  const { data: report, error, refetch } = fleet.result
  const pauseButton = report && !report.hold && (
    <Button icon={<Pause size={16} aria-hidden />} onClick={() => setAsking('pause')}>
      {t('fleet.pause')}
    </Button>
  )
  return (
    <>
      <PageHeader title={t('fleet.title')} actions={pauseButton}>
        {t('fleet.help')}
      </PageHeader>
      {error && !report && <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />}
      {report?.hold && <HeldBanner hold={report.hold} onResume={() => setAsking('resume')} />}
      {report && <Totals of={report} />}
      {!error && <Levels of={report} />}
      {report && report.batches.length > 0 && <Batches of={report} />}
      <FleetTargets
        failed={report?.states.failed ?? 0}
        held={Boolean(report?.hold)}
        watch={fleet.watch}
        refetchInterval={fleet.refetchInterval}
      />
      {asking && <HoldDialog action={asking} onClose={() => setAsking(undefined)} />}
    </>
  )
}

function Totals({ of: { states, wanted } }: { of: Report }) {
  const { t, region } = useLanguage()
  const total = states.current + states.behind + states.running + states.failed
  const counted = (count: number, look: StatusLook) => {
    const text = count.toLocaleString(region)
    return count === 0 ? text : <Status look={look}>{text}</Status>
  }
  return (
    <Facts
      entries={[
        [
          t('fleet.current'),
          <span key="current" className="row">
            {t('fleet.currentOf', {
              current: states.current.toLocaleString(region),
              total: total.toLocaleString(region),
            })}
            {states.current < total && <Progress label={t('fleet.current')} done={states.current} total={total} />}
          </span>,
        ],
        [t('fleet.running'), counted(states.running, 'going')],
        [t('fleet.behind'), counted(states.behind, 'warn')],
        [t('fleet.failed'), counted(states.failed, 'bad')],
        [t('fleet.release'), t('fleet.releaseHas', wanted)],
      ]}
    />
  )
}

function Batches({ of: { batches } }: { of: Report }) {
  const { t, region } = useLanguage()
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('fleet.batches')}</h2>
        <span className="fine">{t('fleet.batchesHelp')}</span>
      </div>
      <Facts
        entries={batches.map(({ name, tenantsDone, tenantsFailed, rowsChanged }) => [
          name,
          <span key={name} className="row">
            <Status look="going">
              {t('fleet.batch', {
                tenants: tenantsDone.toLocaleString(region),
                rows: rowsChanged.toLocaleString(region),
              })}
            </Status>
            {tenantsFailed > 0 && (
              <Status look="bad">{t('fleet.batchFailed', { count: tenantsFailed.toLocaleString(region) })}</Status>
            )}
          </span>,
        ])}
      />
    </section>
  )
}

function Levels({ of: report }: { of: Report | undefined }) {
  const t = useText()
  const bars = report?.levels.map(({ kind, level, targets }): Bar => {
    const wanted = report.wanted[kind]
    const tone = level === null ? 'bad' : level < wanted ? 'warn' : 'good'
    const text = t('fleet.level', { level: level ?? t('fleet.levelUnknown'), wanted })
    return {
      key: `${kind} ${level}`,
      name: <Status look={tone}>{kind === 'control' ? `${t('fleet.ofControl')} ${text}` : text}</Status>,
      count: targets,
      tone,
    }
  })
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('fleet.levels')}</h2>
        <span className="fine">{t('fleet.levelsHelp')}</span>
      </div>
      <Histogram label={t('fleet.levelsHelp')} bars={bars} />
    </section>
  )
}
