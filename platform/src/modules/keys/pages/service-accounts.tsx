import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Bot, Plus } from 'lucide-react'
import { Button } from '#ui/button.tsx'
import { When } from '#ui/date.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState } from '#ui/states.tsx'
import { Status } from '#ui/status.tsx'
import { useText } from '#ui/text.tsx'
import { api, required } from '#web/api.ts'
import { useAddressState, useListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'
import { useMay, useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { ServiceAccountDialog } from './service-account-dialog.tsx'

export default function ServiceAccountsPage() {
  const t = useText()
  const tenant = useTenant()
  const may = useMay()
  const navigate = useNavigate()
  const address = useAddressState()
  const state = useListState<'name' | '-name' | 'createdAt' | '-createdAt'>('name')
  useTitle(t('keys.accounts'), tenant.name)
  const result = useQuery({
    queryKey: ['serviceAccounts', tenant.slug, state.query],
    queryFn: async () => required(await api.GET('/api/v1/service-accounts', { params: { query: state.query } })),
    placeholderData: keepPreviousData,
  })
  const create = may('serviceAccount:create') && (
    <Button tone="primary" icon={<Plus size={16} aria-hidden />} onClick={() => address.set({ open: 'new' })}>
      {t('keys.newAccount')}
    </Button>
  )
  return (
    <>
      <PageHeader title={t('keys.accounts')} actions={create}>
        {t('keys.accountsHelp')}
      </PageHeader>
      <ListView
        caption={t('keys.accounts')}
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
            cell: ({ lastUsedAt }) => (lastUsedAt === null ? t('keys.unused') : <When at={lastUsedAt} />),
          },
        ]}
        empty={
          <EmptyState icon={<Bot size={20} aria-hidden />} title={t('keys.noAccounts')} action={create}>
            {t('keys.noAccountsHelp')}
          </EmptyState>
        }
      />
      <ServiceAccountDialog
        open={address.values['open'] === 'new'}
        onClose={() => address.set({ open: undefined })}
        onSaved={({ id }) => void navigate({ to: `/o/${tenant.slug}/service-accounts/${id}` })}
      />
    </>
  )
}
