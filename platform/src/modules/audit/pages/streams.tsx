import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Send } from 'lucide-react'
import { When } from '#ui/date.tsx'
import { Status } from '#ui/status.tsx'
import { useText } from '#ui/text.tsx'
import { api, required } from '#web/api.ts'
import { ListPage } from '#web/list-page.tsx'
import { useListState } from '#web/list-state.ts'
import { useMay, useTenant } from '#web/session.ts'
import { NewStreamDialog } from './new-stream-dialog.tsx'
import { Retention } from './retention.tsx'
import { type Stream, StreamMenu } from './stream-menu.tsx'

/** While something is under way: what came of a test should be seen soon. */
const refreshMs = 2_000

/** Where the audit log goes, and how long it stays here. */
export default function StreamsPage() {
  const t = useText()
  const tenant = useTenant()
  const may = useMay()
  const state = useListState<'createdAt' | '-createdAt' | 'name' | '-name'>('createdAt')
  const result = useQuery({
    queryKey: ['audit-streams', tenant.slug, state.query],
    queryFn: async () => required(await api.GET('/api/v1/audit-streams', { params: { query: state.query } })),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) =>
      data?.items.some(({ waiting, testAskedAt }) => waiting > 0 || testAskedAt !== null) ? refreshMs : false,
  })
  return (
    <>
      <ListPage
        title={t('audit.streams')}
        crumbs={<Link to={`/o/${tenant.slug}/audit`}>{t('audit.log')}</Link>}
        help={t('audit.streamsHelp')}
        create={{ permission: 'audit:stream', text: t('audit.newStream') }}
        dialog={(layer) => <NewStreamDialog {...layer} />}
        state={state}
        result={result}
        rowKey={({ id }) => id}
        columns={[
          { key: 'name', header: t('audit.streamName'), sort: 'name', cell: ({ name }) => name },
          {
            key: 'destination',
            header: t('audit.destination'),
            cell: ({ url }) => (
              <span className="mono" title={url}>
                {new URL(url).host}
              </span>
            ),
          },
          { key: 'format', header: t('audit.format'), cell: ({ format }) => t(`audit.format.${format}`) },
          { key: 'state', header: t('audit.state'), cell: (stream) => <StreamState of={stream} /> },
          { key: 'test', header: t('audit.test'), cell: (stream) => <TestResult of={stream} /> },
          {
            key: 'delivered',
            header: t('audit.delivered'),
            cell: ({ deliveredAt }) => (deliveredAt === null ? t('audit.undelivered') : <When at={deliveredAt} />),
          },
          {
            key: 'acts',
            header: t('ui.actions'),
            align: 'acts',
            cell: (stream) => may('audit:stream') && <StreamMenu of={stream} />,
          },
        ]}
        empty={{ icon: <Send size={20} aria-hidden />, title: t('audit.noStreams'), help: t('audit.noStreamsHelp') }}
      />
      <Retention />
    </>
  )
}

function StreamState({ of: { state, failures, lastError, nextAttemptAt, waiting } }: { of: Stream }) {
  const t = useText()
  if (state === 'paused') return <Status look="paused">{t('audit.paused')}</Status>
  if (failures > 0)
    return (
      <>
        <Status look="warn">{t('audit.failing', { count: failures })}</Status>
        <p className="quiet">{lastError}</p>
        {nextAttemptAt !== null && (
          <p className="quiet">
            {t('audit.nextAttempt')} <When at={nextAttemptAt} />
          </p>
        )}
      </>
    )
  if (waiting > 0) return <Status look="going">{t('audit.sending')}</Status>
  return <Status look="good">{t('audit.upToDate')}</Status>
}

function TestResult({ of: { testAskedAt, testedAt, testError } }: { of: Stream }) {
  const t = useText()
  if (testAskedAt !== null) return <Status look="going">{t('audit.testing')}</Status>
  if (testedAt === null) return t('audit.untested')
  if (testError === null) return <Status look="good">{t('audit.testArrived')}</Status>
  return (
    <>
      <Status look="warn">{t('audit.testFailed')}</Status>
      <p className="quiet">{testError}</p>
    </>
  )
}
