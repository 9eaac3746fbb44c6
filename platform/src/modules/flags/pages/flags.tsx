import { useQuery } from '@tanstack/react-query'
import { ToggleRight } from 'lucide-react'
import { When } from '#ui/date.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState, ErrorState } from '#ui/states.tsx'
import { type Column, Table } from '#ui/table.tsx'
import { type Translate, useText } from '#ui/text.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { useAddressState } from '#web/list-state.ts'
import { useTitle } from '#web/title.ts'
import { FlagDialog } from './flag-dialog.tsx'
import { type Flag, FlagState, rulesOf } from './flag-words.tsx'

/** Every flag that a module declares, with its rules; the one that is changed is in the address. */
export default function FlagsPage() {
  const t = useText()
  const address = useAddressState()
  useTitle(t('flags.title'), t('staff.console'))
  const { data, error, refetch } = useQuery({
    queryKey: ['staff', 'flags'],
    queryFn: async () => required(await api.GET('/api/v1/staff/flags')).items,
  })
  const open = data?.find(({ key }) => key === address.values['open'])
  return (
    <>
      <PageHeader title={t('flags.title')}>{t('flags.help')}</PageHeader>
      {error ? (
        <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
      ) : data?.length === 0 ? (
        <EmptyState icon={<ToggleRight size={20} aria-hidden />} title={t('flags.none')}>
          {t('flags.noneHelp')}
        </EmptyState>
      ) : (
        <Table
          caption={t('flags.title')}
          rows={data}
          rowKey={({ key }) => key}
          columns={columnsOf(t, (key) => address.set({ open: key }))}
        />
      )}
      {open && <FlagDialog key={open.key} flag={open} onClose={() => address.set({ open: undefined })} />}
    </>
  )
}

function columnsOf(t: Translate, onOpen: (key: string) => void): Column<Flag>[] {
  return [
    {
      key: 'flag',
      header: t('flags.flag'),
      cell: ({ key, summary }) => (
        <span className="target-name">
          <button type="button" className="mono link" onClick={() => onOpen(key)}>
            {key}
          </button>
          <small>{summary}</small>
        </span>
      ),
    },
    { key: 'state', header: t('flags.state'), cell: (flag) => <FlagState of={flag} /> },
    { key: 'rules', header: t('flags.rules'), cell: (flag) => <Rules of={flag} /> },
    { key: 'changed', header: t('flags.changed'), cell: (flag) => <LastChange of={flag} /> },
  ]
}

function Rules({ of: flag }: { of: Flag }) {
  const t = useText()
  const isScheduled = flag.startsAt !== null || flag.endsAt !== null
  return [...rulesOf(t, flag), ...(isScheduled ? [t('flags.rule.scheduled')] : [])].join(' · ') || '–'
}

function LastChange({ of: { changedAt, changedBy, reason } }: { of: Flag }) {
  const t = useText()
  if (changedAt === null) return <span className="quiet">{t('flags.never')}</span>
  return (
    <span className="target-name">
      <span>
        <When at={changedAt} /> {changedBy === null ? t('flags.byCommand') : t('flags.changedBy', { name: changedBy })}
      </span>
      <small dir="auto">{reason}</small>
    </span>
  )
}
