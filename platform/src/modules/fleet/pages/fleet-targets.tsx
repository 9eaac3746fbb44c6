import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck, RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { useNowMs, When } from '#ui/date.tsx'
import { FilterSelect, Filters, SearchField } from '#ui/filters.tsx'
import { Folded } from '#ui/folded.tsx'
import { EmptyState } from '#ui/states.tsx'
import { Status, type StatusLook } from '#ui/status.tsx'
import type { Column } from '#ui/table.tsx'
import { type Translate, useText } from '#ui/text.tsx'
import { api, required } from '#web/api.ts'
import { useListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'
import { nameOf, RetryDialog, type Target } from './retry.tsx'

type State = Target['state']
type Sort = '-changedAt' | 'changedAt' | 'name' | '-name'

const looks: Readonly<Record<State, StatusLook>> = { failed: 'bad', behind: 'warn', running: 'going', current: 'good' }
const states = Object.keys(looks) as State[]
/** Whoever runs that long may have been killed, and may be tried again: if not, that changes nothing. */
const runsLongMs = 60_000

interface FleetTargetsProps {
  /** How many there are in all. */
  readonly failed: number
  /** Nothing can be tried again meanwhile. */
  readonly held: boolean
  readonly watch: () => Promise<void>
  readonly refetchInterval: () => number
}

/** Every target that is not at this release, or whatever the filters say. */
export function FleetTargets({ failed, held, watch, refetchInterval }: FleetTargetsProps) {
  const t = useText()
  const list = useListState<Sort, 'search' | 'state'>('-changedAt', ['search', 'state'])
  const [asking, setAsking] = useState<Target | 'all'>()
  const { state, ...query } = list.query
  const asked = { ...query, ...(state === 'all' ? {} : { state: (state ?? 'lagging') as State | 'lagging' }) }
  const result = useQuery({
    queryKey: ['staff', 'fleet', 'targets', asked],
    queryFn: async () => required(await api.GET('/api/v1/staff/fleet/targets', { params: { query: asked } })),
    placeholderData: keepPreviousData,
    refetchInterval,
  })
  const retryButton = (target: Target) => <RetryButton target={target} held={held} onRetry={() => setAsking(target)} />
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('fleet.targets')}</h2>
        {failed > 0 && (
          <Button size="small" disabled={held} onClick={() => setAsking('all')}>
            {t('fleet.retryAll', { count: failed })}
          </Button>
        )}
      </div>
      <Filters>
        <SearchField label={t('fleet.search')} value={query.search ?? ''} onChange={(search) => list.set({ search })} />
        <FilterSelect
          label={t('fleet.state')}
          value={state}
          none={t('fleet.state.lagging')}
          options={[...states, 'all'].map((each) => [each, t(`fleet.state.${each}`)])}
          onChange={(each) => list.set({ state: each })}
        />
      </Filters>
      <ListView
        caption={t('fleet.targets')}
        state={list}
        result={result}
        rowKey={({ id }) => id}
        columns={columnsOf(t, retryButton)}
        empty={
          <EmptyState icon={<CircleCheck size={20} aria-hidden />} title={t('fleet.none')}>
            {t('fleet.noneHelp')}
          </EmptyState>
        }
      />
      {asking !== undefined && (
        <RetryDialog
          target={asking === 'all' ? undefined : asking}
          failed={failed}
          watch={watch}
          onClose={() => setAsking(undefined)}
        />
      )}
    </section>
  )
}

function columnsOf(t: Translate, retryButton: (target: Target) => React.ReactNode): Column<Target>[] {
  return [
    { key: 'target', header: t('fleet.target'), sort: 'name', cell: (target) => <Name of={target} /> },
    {
      key: 'state',
      header: t('fleet.state'),
      cell: ({ state }) => <Status look={looks[state]}>{t(`fleet.state.${state}`)}</Status>,
    },
    {
      key: 'level',
      header: t('fleet.levels'),
      cell: ({ level, wanted }) => t('fleet.level', { level: level ?? t('fleet.levelUnknown'), wanted }),
    },
    {
      key: 'error',
      header: t('fleet.error'),
      cell: ({ name, error, attempts }) => (
        <>
          {/* The migrator names the target, for lists that do not; here it would hide what matters. */}
          {error !== null && <Folded text={error.replace(` on ${name}:`, ':')} />}
          {attempts > 0 && <small className="fine">{t('fleet.attempts', { count: attempts })}</small>}
        </>
      ),
    },
    {
      key: 'since',
      header: t('fleet.since'),
      sort: 'changedAt',
      cell: ({ changedAt }) => <When at={changedAt} />,
    },
    { key: 'retry', header: t('fleet.retry'), align: 'acts', cell: retryButton },
  ]
}

function Name({ of: { name, tenant } }: { of: Target }) {
  if (!tenant) return <span className="mono">{name}</span>
  return (
    <span className="target-name">
      <Link to={`/staff/tenants/${tenant.id}`}>{tenant.name || tenant.id}</Link>
      <small className="mono">{name}</small>
    </span>
  )
}

function RetryButton({ target, held, onRetry }: { target: Target; held: boolean; onRetry: () => void }) {
  const t = useText()
  const nowMs = useNowMs()
  const isGoing = target.state === 'running' && nowMs < Date.parse(target.changedAt) + runsLongMs
  if (target.state === 'current' || isGoing) return null
  const label = t('fleet.retryOf', { name: nameOf(target) })
  return (
    <Button
      size="small"
      icon={<RotateCcw size={14} aria-hidden />}
      aria-label={label}
      disabled={held}
      onClick={onRetry}
    >
      {t('fleet.retry')}
    </Button>
  )
}
