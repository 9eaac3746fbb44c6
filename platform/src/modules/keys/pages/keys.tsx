import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { KeyRound, Plus } from 'lucide-react'
import { useState } from 'react'
import type { operations } from '#client/generated/schema.d.ts'
import { Button } from '#ui/button.tsx'
import { useNowMs, When } from '#ui/date.tsx'
import { ConfirmDialog } from '#ui/dialog.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState } from '#ui/states.tsx'
import { Status } from '#ui/status.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { useAddressState, useListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'
import { queryClient } from '#web/query-client.ts'
import { useMay, useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { NewKeyDialog } from './new-key-dialog.tsx'

type Key = operations['keys.list']['responses'][200]['content']['application/json']['items'][number]

export default function KeysPage() {
  const t = useText()
  const tenant = useTenant()
  const may = useMay()
  const address = useAddressState()
  const state = useListState<'-createdAt' | 'createdAt' | 'name' | '-name'>('-createdAt')
  useTitle(t('keys.keys'), tenant.name)
  const result = useQuery({
    queryKey: ['keys', tenant.slug, state.query],
    queryFn: async () => required(await api.GET('/api/v1/keys', { params: { query: state.query } })),
    placeholderData: keepPreviousData,
  })
  const create = may('key:create') && (
    <Button tone="primary" icon={<Plus size={16} aria-hidden />} onClick={() => address.set({ open: 'new' })}>
      {t('keys.create')}
    </Button>
  )
  return (
    <>
      <PageHeader title={t('keys.keys')} actions={create}>
        {t('keys.help')}
      </PageHeader>
      <ListView
        caption={t('keys.keys')}
        state={state}
        result={result}
        rowKey={({ id }) => id}
        columns={[
          { key: 'name', header: t('keys.name'), sort: 'name', cell: ({ name }) => name },
          { key: 'key', header: t('keys.key'), cell: ({ prefix }) => <span className="mono">{prefix}</span> },
          {
            key: 'scopes',
            header: t('keys.scopes'),
            cell: ({ scopes }) => (
              <span title={scopes.join(', ')}>
                {scopes.length === 1 ? scopes[0] : t('keys.scopesOf', { count: scopes.length })}
              </span>
            ),
          },
          {
            key: 'used',
            header: t('keys.lastUsed'),
            cell: ({ lastUsedAt }) => (lastUsedAt === null ? t('keys.unused') : <When at={lastUsedAt} />),
          },
          { key: 'expires', header: t('keys.expires'), cell: (key) => <Expiry of={key} /> },
          { key: 'acts', header: t('ui.actions'), align: 'acts', cell: (key) => <Revoke of={key} /> },
        ]}
        empty={
          <EmptyState icon={<KeyRound size={20} aria-hidden />} title={t('keys.empty')} action={create}>
            {t('keys.emptyHelp')}
          </EmptyState>
        }
      />
      <NewKeyDialog open={address.values['open'] === 'new'} onClose={() => address.set({ open: undefined })} />
    </>
  )
}

function Expiry({ of: { expiresAt } }: { of: Key }) {
  const t = useText()
  const nowMs = useNowMs()
  if (expiresAt === null) return t('keys.never')
  if (Date.parse(expiresAt) <= nowMs) return <Status look="warn">{t('keys.expired')}</Status>
  return <When at={expiresAt} />
}

function Revoke({ of: { id, name } }: { of: Key }) {
  const t = useText()
  const may = useMay()
  const say = useToast()
  const [asking, setAsking] = useState(false)
  if (!may('key:revoke')) return null
  const revoke = async () => {
    setAsking(false)
    try {
      await api.DELETE('/api/v1/keys/{id}', { params: { path: { id } } })
      say(t('keys.revoked', { name }))
    } catch (error) {
      say(problemOf(error).detail)
    }
    await queryClient.invalidateQueries({ queryKey: ['keys'] })
  }
  return (
    <>
      <Button size="small" tone="bare" aria-label={`${t('keys.revoke')}: ${name}`} onClick={() => setAsking(true)}>
        {t('keys.revoke')}
      </Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('keys.revokeTitle', { name })}
        consequence={t('keys.revokeHelp')}
        action={t('keys.revoke')}
        busy={false}
        onConfirm={() => void revoke()}
      />
    </>
  )
}
