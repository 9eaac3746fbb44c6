import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { operations } from '#client/generated/schema.d.ts'
import { useNowMs, When } from '#ui/date.tsx'
import { ConfirmDialog } from '#ui/dialog.tsx'
import { RowMenu } from '#ui/menu.tsx'
import { Status } from '#ui/status.tsx'
import type { Column } from '#ui/table.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { useListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'
import { queryClient } from '#web/query-client.ts'
import { useMay, useTenant } from '#web/session.ts'
import { RotateKeyDialog } from './rotate-key-dialog.tsx'

export type Key = operations['keys.list']['responses'][200]['content']['application/json']['items'][number]

/** Keys that are not revoked: all, or those of one service account. */
export function KeyTable({ serviceAccountId, empty }: { serviceAccountId?: string; empty: ReactNode }) {
  const t = useText()
  const { slug } = useTenant()
  const state = useListState<'-createdAt' | 'createdAt' | 'name' | '-name'>('-createdAt')
  const query = { ...state.query, ...(serviceAccountId === undefined ? {} : { serviceAccountId }) }
  const result = useQuery({
    queryKey: ['keys', slug, query],
    queryFn: async () => required(await api.GET('/api/v1/keys', { params: { query } })),
    placeholderData: keepPreviousData,
  })
  const ofWhom: Column<Key> = {
    key: 'account',
    header: t('keys.account'),
    cell: ({ serviceAccountId: id, serviceAccountName: name }) =>
      id === null ? t('keys.ofItsOwn') : <Link to={`/o/${slug}/service-accounts/${id}`}>{name}</Link>,
  }
  return (
    <ListView
      caption={t('keys.keys')}
      state={state}
      result={result}
      rowKey={({ id }) => id}
      columns={[
        { key: 'name', header: t('keys.name'), sort: 'name', cell: ({ name }) => name },
        { key: 'key', header: t('keys.key'), cell: ({ prefix }) => <span className="mono">{prefix}</span> },
        ...(serviceAccountId === undefined ? [ofWhom] : []),
        { key: 'scopes', header: t('keys.scopes'), cell: (key) => <Scopes of={key} /> },
        {
          key: 'used',
          header: t('keys.lastUsed'),
          named: true,
          cell: ({ lastUsedAt }) => (lastUsedAt === null ? t('keys.unused') : <When at={lastUsedAt} />),
        },
        {
          key: 'expires',
          header: t('keys.expires'),
          named: true,
          cell: (key) => <Expiry of={key} />,
        },
        { key: 'acts', header: t('ui.actions'), align: 'acts', cell: (key) => <KeyMenu of={key} /> },
      ]}
      empty={empty}
    />
  )
}

function Scopes({ of: { scopes } }: { of: Key }) {
  const t = useText()
  if (scopes.length === 0) return t('keys.allScopes')
  return (
    <span title={scopes.join(', ')}>
      {scopes.length === 1 ? scopes[0] : t('keys.scopesOf', { count: scopes.length })}
    </span>
  )
}

function Expiry({ of: { expiresAt } }: { of: Key }) {
  const t = useText()
  const nowMs = useNowMs()
  if (expiresAt === null) return t('keys.never')
  if (Date.parse(expiresAt) <= nowMs) return <Status look="warn">{t('keys.expired')}</Status>
  return <When at={expiresAt} />
}

function KeyMenu({ of: key }: { of: Key }) {
  const t = useText()
  const may = useMay()
  const [asking, setAsking] = useState<'rotate' | 'revoke'>()
  const close = () => setAsking(undefined)
  if (!may('key:revoke')) return null
  return (
    <>
      <RowMenu of={key.name}>
        {may('key:create') && (
          <button type="button" onClick={() => setAsking('rotate')}>
            {t('keys.rotate')}
          </button>
        )}
        <button type="button" className="bad" onClick={() => setAsking('revoke')}>
          {t('keys.revoke')}
        </button>
      </RowMenu>
      <RotateKeyDialog of={key} open={asking === 'rotate'} onClose={close} />
      <RevokeDialog of={key} open={asking === 'revoke'} onClose={close} />
    </>
  )
}

function RevokeDialog({ of: { id, name }, open, onClose }: { of: Key; open: boolean; onClose: () => void }) {
  const t = useText()
  const say = useToast()
  const revoke = async () => {
    onClose()
    try {
      await api.DELETE('/api/v1/keys/{id}', { params: { path: { id } } })
      say(t('keys.revoked', { name }))
    } catch (error) {
      say(problemOf(error).detail)
    }
    await queryClient.invalidateQueries({ queryKey: ['keys'] })
  }
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      title={t('keys.revokeTitle', { name })}
      consequence={t('keys.revokeHelp')}
      action={t('keys.revoke')}
      busy={false}
      onConfirm={() => void revoke()}
    />
  )
}
