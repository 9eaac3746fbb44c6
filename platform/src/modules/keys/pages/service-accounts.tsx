import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Bot } from 'lucide-react'
import { When } from '#ui/date.tsx'
import { Status } from '#ui/status.tsx'
import { useText } from '#ui/text.tsx'
import { api, required } from '#web/api.ts'
import { ListPage } from '#web/list-page.tsx'
import { useListState } from '#web/list-state.ts'
import { useTenant } from '#web/session.ts'
import { ServiceAccountDialog } from './service-account-dialog.tsx'

export default function ServiceAccountsPage() {
  const t = useText()
  const tenant = useTenant()
  const navigate = useNavigate()
  const state = useListState<'name' | '-name' | 'createdAt' | '-createdAt'>('name')
  const result = useQuery({
    queryKey: ['serviceAccounts', tenant.slug, state.query],
    queryFn: async () => required(await api.GET('/api/v1/service-accounts', { params: { query: state.query } })),
    placeholderData: keepPreviousData,
  })
  return (
    <ListPage
      title={t('keys.accounts')}
      help={t('keys.accountsHelp')}
      create={{ permission: 'serviceAccount:create', text: t('keys.newAccount') }}
      dialog={(layer) => (
        <ServiceAccountDialog
          {...layer}
          onSaved={({ id }) => void navigate({ to: `/o/${tenant.slug}/service-accounts/${id}` })}
        />
      )}
      state={state}
      result={result}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'name',
          header: t('keys.accountName'),
          sort: 'name',
          cell: ({ id, name }) => <Link to={`/o/${tenant.slug}/service-accounts/${id}`}>{name}</Link>,
        },
        {
          key: 'state',
          header: t('keys.state'),
          cell: ({ disabledAt }) =>
            disabledAt === null ? (
              <Status look="good">{t('keys.enabled')}</Status>
            ) : (
              <Status look="warn">{t('keys.disabled')}</Status>
            ),
        },
        { key: 'keys', header: t('keys.keys'), cell: ({ keys }) => t('keys.keyCount', { count: keys }) },
        {
          key: 'used',
          header: t('keys.lastUsed'),
          named: true,
          cell: ({ lastUsedAt }) => (lastUsedAt === null ? t('keys.unused') : <When at={lastUsedAt} />),
        },
      ]}
      empty={{ icon: <Bot size={20} aria-hidden />, title: t('keys.noAccounts'), help: t('keys.noAccountsHelp') }}
    />
  )
}
