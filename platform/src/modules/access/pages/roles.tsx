import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus, UserCog } from 'lucide-react'
import { Button } from '#ui/button.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { api, required } from '#web/api.ts'
import { useAddressState, useListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'
import { useMay, useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { NewRoleDialog } from './new-role-dialog.tsx'
import { useRoleName } from './role-name.ts'

/** The roles that every organisation has, and its own. */
export default function RolesPage() {
  const t = useText()
  const tenant = useTenant()
  const may = useMay()
  const nameOf = useRoleName()
  const address = useAddressState()
  const state = useListState<'createdAt' | '-createdAt' | 'name' | '-name'>('createdAt')
  useTitle(t('access.roles'), tenant.name)
  const result = useQuery({
    queryKey: ['roles', tenant.slug, state.query],
    queryFn: async () => required(await api.GET('/api/v1/roles', { params: { query: state.query } })),
    placeholderData: keepPreviousData,
  })
  const create = may('role:create') && (
    <Button tone="primary" icon={<Plus size={16} aria-hidden />} onClick={() => address.set({ open: 'new' })}>
      {t('access.newRole')}
    </Button>
  )
  return (
    <>
      <PageHeader title={t('access.roles')} actions={create}>
        {t('access.rolesHelp')}
      </PageHeader>
      <ListView
        caption={t('access.roles')}
        state={state}
        result={result}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'name',
            header: t('access.name'),
            sort: 'name',
            cell: (role) => <Link to={`/o/${tenant.slug}/roles/${role.id}`}>{nameOf(role)}</Link>,
          },
          { key: 'kind', header: t('access.kind'), cell: ({ system }) => t(system ? 'access.ofSystem' : 'access.own') },
          {
            key: 'permissions',
            header: t('access.permissions'),
            align: 'number',
            cell: ({ permissions }) => (
              <>
                {permissions.length} <span className="in-block">{t('access.permissions').toLowerCase()}</span>
              </>
            ),
          },
          {
            key: 'assigned',
            header: t('access.assigned'),
            align: 'number',
            cell: ({ assigned }) => (
              <>
                {assigned} <span className="in-block">{t('access.assigned').toLowerCase()}</span>
              </>
            ),
          },
        ]}
        empty={
          <EmptyState icon={<UserCog size={20} aria-hidden />} title={t('access.noRoles')} action={create}>
            {t('access.rolesHelp')}
          </EmptyState>
        }
      />
      <NewRoleDialog open={address.values['open'] === 'new'} onClose={() => address.set({ open: undefined })} />
    </>
  )
}
