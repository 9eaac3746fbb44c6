import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { KeyRound, Plus } from 'lucide-react'
import { useState } from 'react'
import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { ConfirmDialog } from '#ui/dialog.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState, ErrorState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { useAddressState } from '#web/list-state.ts'
import { queryClient } from '#web/query-client.ts'
import { useMay, useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { KeyTable } from './key-table.tsx'
import { NewKeyDialog } from './new-key-dialog.tsx'
import { ServiceAccountDialog } from './service-account-dialog.tsx'
import type { ServiceAccount } from './service-accounts-query.ts'

/** One service account with its keys. Its roles are a page of their own. */
export default function ServiceAccountPage() {
  const { id = '' } = useParams({ strict: false })
  const t = useText()
  const tenant = useTenant()
  const { data, error, refetch } = useQuery({
    queryKey: ['serviceAccounts', tenant.slug, 'one', id],
    queryFn: async () => required(await api.GET('/api/v1/service-accounts/{id}', { params: { path: { id } } })),
  })
  useTitle(data?.name ?? t('keys.accounts'), tenant.name)
  if (error) return <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
  if (!data) return null
  return <AccountView account={data} />
}

function AccountView({ account }: { account: ServiceAccount }) {
  const t = useText()
  const { slug } = useTenant()
  const may = useMay()
  const address = useAddressState()
  const { open } = address.values
  const close = () => address.set({ open: undefined })
  const create = may('key:create') && (
    <Button tone="primary" icon={<Plus size={16} aria-hidden />} onClick={() => address.set({ open: 'new' })}>
      {t('keys.create')}
    </Button>
  )
  return (
    <>
      <PageHeader
        crumbs={<Link to={`/o/${slug}/service-accounts`}>{t('keys.accounts')}</Link>}
        title={account.name}
        actions={
          <>
            {may('role:read') && (
              <Link className="button plain" to={`/o/${slug}/service-accounts/${account.id}/roles`}>
                {t('keys.roles')}
              </Link>
            )}
            {may('serviceAccount:update') && (
              <>
                <Button onClick={() => address.set({ open: 'edit' })}>{t('keys.editAccount')}</Button>
                <Disable account={account} />
              </>
            )}
            {may('serviceAccount:delete') && <Delete account={account} />}
            {create}
          </>
        }
      >
        {account.description}
      </PageHeader>
      {account.disabledAt !== null && <Banner>{t('keys.disabledHelp')}</Banner>}
      {may('key:read') && (
        <KeyTable
          serviceAccountId={account.id}
          empty={
            <EmptyState icon={<KeyRound size={20} aria-hidden />} title={t('keys.empty')} action={create}>
              {t('keys.accountKeysHelp')}
            </EmptyState>
          }
        />
      )}
      <NewKeyDialog of={account.id} open={open === 'new'} onClose={close} />
      <ServiceAccountDialog account={account} open={open === 'edit'} onClose={close} onSaved={close} />
    </>
  )
}

/** Says what happened, or why it did not; true when it did. */
function useAct(): (done: string, act: () => Promise<unknown>) => Promise<boolean> {
  const say = useToast()
  return async (done, act) => {
    try {
      await act()
      say(done)
      return true
    } catch (failure) {
      say(problemOf(failure).detail)
      return false
    }
  }
}

function Disable({ account: { id, name, version, disabledAt } }: { account: ServiceAccount }) {
  const t = useText()
  const act = useAct()
  const [asking, setAsking] = useState(false)
  const change = async (disabled: boolean) => {
    setAsking(false)
    const params = { path: { id } }
    const headers = { 'If-Match': `"${version}"` }
    await act(t(disabled ? 'keys.nowDisabled' : 'keys.nowEnabled', { name }), () =>
      api.PATCH('/api/v1/service-accounts/{id}', { params, headers, body: { disabled } }),
    )
    await queryClient.invalidateQueries({ queryKey: ['serviceAccounts'] })
  }
  if (disabledAt !== null) return <Button onClick={() => void change(false)}>{t('keys.enable')}</Button>
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t('keys.disable')}</Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('keys.disableTitle', { name })}
        consequence={t('keys.disableHelp')}
        action={t('keys.disable')}
        busy={false}
        onConfirm={() => void change(true)}
      />
    </>
  )
}

function Delete({ account: { id, name, version } }: { account: ServiceAccount }) {
  const t = useText()
  const { slug } = useTenant()
  const act = useAct()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const remove = async () => {
    setAsking(false)
    const asked = { params: { path: { id } }, headers: { 'If-Match': `"${version}"` } }
    if (!(await act(t('keys.accountDeleted', { name }), () => api.DELETE('/api/v1/service-accounts/{id}', asked))))
      return
    await navigate({ to: `/o/${slug}/service-accounts` })
    // Not itself: this page may still be shown for a moment, and would ask for what is gone.
    const isOther = ({ queryKey }: { queryKey: readonly unknown[] }) => queryKey[3] !== id
    await queryClient.invalidateQueries({ queryKey: ['serviceAccounts'], predicate: isOther })
  }
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t('ui.delete')}</Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('keys.deleteAccountTitle', { name })}
        consequence={t('keys.deleteAccountHelp')}
        action={t('ui.delete')}
        busy={false}
        onConfirm={() => void remove()}
      />
    </>
  )
}
