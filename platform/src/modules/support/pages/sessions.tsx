import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { LifeBuoy } from 'lucide-react'
import { When } from '#ui/date.tsx'
import { FilterSelect, Filters } from '#ui/filters.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { api, required } from '#web/api.ts'
import { useListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'
import { useTitle } from '#web/title.ts'
import { SessionActions } from './session-actions.tsx'
import { SessionReason, SessionState, type SupportSession } from './session-words.tsx'

const states = ['waiting', 'open', 'ended'] as const satisfies readonly SupportSession['state'][]
const askedEveryMs = 10_000

/** The support sessions of all tenants. */
export default function SessionsPage() {
  const t = useText()
  const list = useListState<'-askedAt' | 'askedAt', 'state'>('-askedAt', ['state'])
  useTitle(t('support.sessions'), t('staff.console'))
  const { state, ...query } = list.query
  const asked = { ...query, ...(state === undefined ? {} : { state: state as SupportSession['state'] }) }
  const result = useQuery({
    queryKey: ['staff', 'support', asked],
    queryFn: async () => required(await api.GET('/api/v1/staff/support-sessions', { params: { query: asked } })),
    placeholderData: keepPreviousData,
    refetchInterval: askedEveryMs,
  })
  return (
    <>
      <PageHeader title={t('support.sessions')}>{t('support.sessionsHelp')}</PageHeader>
      <Filters>
        <FilterSelect
          label={t('support.state')}
          value={state}
          options={states.map((each) => [each, t(`support.filter.${each}`)])}
          onChange={(each) => list.set({ state: each })}
        />
      </Filters>
      <ListView
        caption={t('support.sessions')}
        state={list}
        result={result}
        rowKey={({ id }) => id}
        columns={[
          { key: 'state', header: t('support.state'), cell: (session) => <SessionState of={session} /> },
          {
            key: 'tenant',
            header: t('staff.tenant'),
            cell: ({ tenant }) => <Link to={`/staff/tenants/${tenant.id}`}>{tenant.name}</Link>,
          },
          { key: 'staff', header: t('support.staff'), cell: ({ staff }) => staff.name },
          { key: 'member', header: t('support.as'), cell: ({ member }) => member.name },
          { key: 'reason', header: t('support.why'), cell: (session) => <SessionReason of={session} /> },
          { key: 'asked', header: t('support.asked'), sort: 'askedAt', cell: ({ askedAt }) => <When at={askedAt} /> },
          {
            key: 'actions',
            header: '',
            align: 'number',
            cell: (session) => <SessionActions session={session} tenant={session.tenant} />,
          },
        ]}
        empty={
          <EmptyState icon={<LifeBuoy size={20} aria-hidden />} title={t('support.noSessions')}>
            {t('support.noSessionsHelp')}
          </EmptyState>
        }
      />
    </>
  )
}
