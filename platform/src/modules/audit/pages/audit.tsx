import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ScrollText } from 'lucide-react'
import { DateField, FilterSelect, Filters, WordField } from '#ui/filters.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { api, required } from '#web/api.ts'
import { type ListState, useAddressState, useListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'
import { membersQuery, useMay, useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { Actor, Instant, nameOf } from './entry.tsx'
import { EntrySheet } from './entry-sheet.tsx'
import { ExportAuditMenu } from './export-menu.tsx'

const filters = ['actorId', 'resource', 'resourceId', 'operation', 'changed', 'from', 'until'] as const
type AuditState = ListState<'-at' | 'at', (typeof filters)[number]>

export default function AuditPage() {
  const t = useText()
  const tenant = useTenant()
  const may = useMay()
  const address = useAddressState()
  const state: AuditState = useListState('-at', filters)
  useTitle(t('audit.log'), tenant.name)
  const result = useQuery({
    queryKey: ['audit', tenant.slug, state.query],
    queryFn: () => entriesFor(state.query),
    placeholderData: keepPreviousData,
  })
  const { open } = address.values
  return (
    <>
      <PageHeader
        title={t('audit.log')}
        actions={
          <>
            {may('audit:stream') && (
              <Link className="button plain" to={`/o/${tenant.slug}/audit/streams`}>
                {t('audit.streams')}
              </Link>
            )}
            <ExportAuditMenu query={inInstants(state.query)} />
          </>
        }
      >
        {t('audit.help')}
      </PageHeader>
      <AuditFilters state={state} />
      <ListView
        caption={t('audit.log')}
        state={state}
        result={result}
        rowKey={({ id }) => id}
        openKey={open}
        columns={[
          {
            key: 'event',
            header: t('audit.event'),
            cell: ({ id, event }) => (
              <button type="button" className="mono" onClick={() => address.set({ open: id })}>
                {event}
              </button>
            ),
          },
          { key: 'who', header: t('audit.who'), cell: (entry) => <Actor of={entry} /> },
          { key: 'on', header: t('audit.on'), cell: (entry) => nameOf(entry) },
          { key: 'via', header: t('audit.via'), cell: ({ via }) => t(`audit.via.${via}`) },
          { key: 'at', header: t('audit.at'), align: 'number', sort: 'at', cell: ({ at }) => <Instant at={at} /> },
        ]}
        empty={
          <EmptyState icon={<ScrollText size={20} aria-hidden />} title={t('audit.empty')}>
            {t('audit.emptyHelp')}
          </EmptyState>
        }
      />
      <EntrySheet
        entry={result.data?.items.find(({ id }) => id === open)}
        onClose={() => address.set({ open: undefined })}
        onEverything={(resourceId) => state.set({ resourceId, open: undefined })}
      />
    </>
  )
}

function AuditFilters({ state }: { state: AuditState }) {
  const t = useText()
  const tenant = useTenant()
  const { data: members = [] } = useQuery(membersQuery(tenant.slug))
  const kinds = [...new Set(tenant.permissions.map((permission) => permission.split(':')[0] ?? ''))].toSorted()
  return (
    <Filters>
      <FilterSelect
        label={t('audit.who')}
        value={state.query.actorId}
        options={members.map(({ userId, name }) => [userId, name])}
        onChange={(actorId) => state.set({ actorId })}
      />
      <FilterSelect
        label={t('audit.kind')}
        value={state.query.resource}
        options={kinds.map((kind) => [kind, kind] as const)}
        onChange={(resource) => state.set({ resource })}
      />
      <WordField
        label={t('audit.operation')}
        help={t('audit.operationHelp')}
        value={state.query.operation}
        pattern="[a-zA-Z]+\.[a-zA-Z]+"
        onChange={(operation) => state.set({ operation })}
      />
      <WordField
        label={t('audit.field')}
        help={t('audit.fieldHelp')}
        value={state.query.changed}
        pattern="[a-zA-Z]\w*"
        onChange={(changed) => state.set({ changed })}
      />
      <DateField label={t('audit.since')} value={state.query.from} onChange={(from) => state.set({ from })} />
      <DateField label={t('audit.until')} value={state.query.until} onChange={(until) => state.set({ until })} />
    </Filters>
  )
}

async function entriesFor(query: AuditState['query']) {
  return required(await api.GET('/api/v1/audit-events', { params: { query: inInstants(query) } }))
}

/** The days of the filter are days here; both are meant with all their hours. */
function inInstants({ from, until, ...query }: AuditState['query']): AuditState['query'] {
  return { ...query, ...(from && { from: startOf(from) }), ...(until && { until: startOf(until, 1) }) }
}

/** The first instant of a day here, or of one that many days later. */
function startOf(day: string, daysLater = 0): string {
  const date = new Date(`${day}T00:00:00`)
  date.setDate(date.getDate() + daysLater)
  return date.toISOString()
}
