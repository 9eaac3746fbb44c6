import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { UserCog } from 'lucide-react'
import { useText } from '#ui/text.tsx'
import { api, required } from '#web/api.ts'
import { ListPage } from '#web/list-page.tsx'
import { useListState } from '#web/list-state.ts'
import { useTenant } from '#web/session.ts'
import { NewRoleDialog } from './new-role-dialog.tsx'
import { useRoleName } from './role-name.ts'

/** The roles that every organisation has, and its own. */
export default function RolesPage() {
  const t = useText()
  const tenant = useTenant()
  const nameOf = useRoleName()
  const state = useListState<'createdAt' | '-createdAt' | 'name' | '-name'>('createdAt')
  const result = useQuery({
    queryKey: ['roles', tenant.slug, state.query],
    queryFn: async () => required(await api.GET('/api/v2/roles', { params: { query: state.query } })),
    placeholderData: keepPreviousData,
  })
  return (
    <ListPage
      title={t('access.roles')}
      help={t('access.rolesHelp')}
      create={{ permission: 'role:create', text: t('access.newRole') }}
      dialog={(layer) => <NewRoleDialog {...layer} />}
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
          named: true,
          cell: ({ permissions }) => permissions.length,
        },
        {
          key: 'assigned',
          header: t('access.assigned'),
          align: 'number',
          named: true,
          cell: ({ assigned }) => assigned,
        },
      ]}
      empty={{ icon: <UserCog size={20} aria-hidden />, title: t('access.noRoles'), help: t('access.rolesHelp') }}
    />
  )
}
