import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Building2 } from 'lucide-react'
import type { operations } from '#client/generated/schema.d.ts'
import { FilterSelect, Filters, SearchField } from '#ui/filters.tsx'
import { EmptyState } from '#ui/states.tsx'
import type { Column } from '#ui/table.tsx'
import { useLanguage, useText } from '#ui/text.tsx'
import { api, required } from '#web/api.ts'
import type { ListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'
import { bytesText, durationText } from './amounts.ts'
import type { Report } from './analytics-report.ts'

type Operation = operations['tenantAnalytics.list']
type Numbers = Operation['responses'][200]['content']['application/json']['items'][number]
type Model = Numbers['model']
export type Sort = NonNullable<NonNullable<Operation['parameters']['query']>['sort']>

export const filters = ['days', 'search', 'plan', 'model', 'region'] as const
const models: readonly Model[] = ['pool', 'bridge', 'silo']
const spans = ['7', '90', '365']

interface AnalyticsTenantsProps {
  readonly list: ListState<Sort, (typeof filters)[number]>
  readonly days: number
  readonly plans: ReadonlyMap<string, string>
  readonly report: Report | undefined
  readonly refetchInterval: () => number | false
}

/** Every tenant with its numbers, whatever took most of the database first. */
export function AnalyticsTenants({ list, days, plans, report, refetchInterval }: AnalyticsTenantsProps) {
  const t = useText()
  const { days: span, model, ...query } = list.query
  const asked = { ...query, days, ...(model === undefined ? {} : { model: model as Model }) }
  const result = useQuery({
    queryKey: ['staff', 'analytics', 'tenants', asked],
    queryFn: async () => required(await api.GET('/api/v1/staff/analytics/tenants', { params: { query: asked } })),
    placeholderData: keepPreviousData,
    refetchInterval,
  })
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('staff.tenants')}</h2>
        <span className="fine">{t('analytics.days', { count: days })}</span>
      </div>
      <Filters>
        <SearchField label={t('staff.search')} value={query.search ?? ''} onChange={(search) => list.set({ search })} />
        <FilterSelect
          label={t('analytics.span')}
          value={span}
          none={t('analytics.days', { count: 30 })}
          options={spans.map((each) => [each, t('analytics.days', { count: Number(each) })])}
          onChange={(each) => list.set({ days: each })}
        />
        <FilterSelect
          label={t('staff.plan')}
          value={query.plan}
          options={(report?.plans ?? []).map(({ name }) => [name, plans.get(name) ?? name])}
          onChange={(plan) => list.set({ plan })}
        />
        <FilterSelect
          label={t('staff.model')}
          value={model}
          options={models.map((each) => [each, t(`staff.model.${each}`)])}
          onChange={(each) => list.set({ model: each })}
        />
        {(report?.regions.length ?? 0) > 1 && (
          <FilterSelect
            label={t('analytics.region')}
            value={query.region}
            options={(report?.regions ?? []).map(({ name }) => [name, name])}
            onChange={(region) => list.set({ region })}
          />
        )}
      </Filters>
      <ListView
        caption={t('staff.tenants')}
        state={list}
        result={result}
        rowKey={({ id }) => id}
        columns={useColumns(plans)}
        empty={
          <EmptyState icon={<Building2 size={20} aria-hidden />} title={t('staff.none')}>
            {t('staff.noneHelp')}
          </EmptyState>
        }
      />
    </section>
  )
}

function useColumns(plans: ReadonlyMap<string, string>): Column<Numbers>[] {
  const { t, region } = useLanguage()
  const number = (
    key: string,
    text: string,
    amountOf: (row: Numbers) => string,
    sort?: NonNullable<Column<Numbers>['sort']>,
  ): Column<Numbers> => ({
    key,
    header: text,
    align: 'number',
    ...(sort === undefined ? {} : { sort }),
    cell: (row) => (
      <>
        <span className="in-block">{text} </span>
        {amountOf(row)}
      </>
    ),
  })
  const seen = ({ measuredAt }: Numbers, amount: string) => (measuredAt === null ? '–' : amount)
  return [
    {
      key: 'name',
      header: t('staff.name'),
      sort: 'name',
      cell: ({ id, name }) => <Link to={`/staff/tenants/${id}`}>{name}</Link>,
    },
    { key: 'plan', header: t('staff.plan'), cell: ({ plan }) => plans.get(plan) ?? plan },
    { key: 'model', header: t('staff.model'), cell: ({ model }) => t(`staff.model.${model}`) },
    { key: 'cell', header: t('staff.cell'), cell: ({ cell, region: place }) => `${cell}, ${place}` },
    number('people', t('analytics.people'), (row) => seen(row, row.people.toLocaleString(region))),
    number('events', t('analytics.events'), (row) => seen(row, row.events.toLocaleString(region)), 'events'),
    number('storage', t('analytics.storage'), (row) => seen(row, bytesText(row.storedBytes, region)), 'storedBytes'),
    number('database', t('analytics.databaseTime'), (row) => durationText(row.databaseMs, region), 'databaseMs'),
  ]
}
