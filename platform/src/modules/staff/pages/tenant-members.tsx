import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { When } from '#ui/date.tsx'
import { useText } from '#ui/text.tsx'
import { api, required } from '#web/api.ts'
import { useListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'

/** Who belongs to a tenant. */
export function TenantMembers({ tenantId: id }: { tenantId: string }) {
  const t = useText()
  const list = useListState<'name' | '-name' | 'joinedAt' | '-joinedAt'>('name')
  const params = { path: { id }, query: list.query }
  const result = useQuery({
    queryKey: ['staff', 'tenant', id, 'members', list.query],
    queryFn: async () => required(await api.GET('/api/v1/staff/tenants/{id}/members', { params })),
    placeholderData: keepPreviousData,
  })
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('staff.members')}</h2>
      </div>
      <ListView
        caption={t('staff.members')}
        state={list}
        result={result}
        rowKey={(member) => member.id}
        columns={[
          {
            key: 'name',
            header: t('staff.name'),
            sort: 'name',
            cell: ({ userId, name }) => (
              <Link to={`/staff/users/${userId}`} dir="auto">
                {name}
              </Link>
            ),
          },
          { key: 'email', header: t('staff.email'), cell: ({ email }) => email },
          { key: 'role', header: t('staff.role'), cell: ({ role }) => t(`staff.role.${role}`) },
          {
            key: 'joined',
            header: t('staff.joined'),
            sort: 'joinedAt',
            cell: ({ joinedAt }) => <When at={joinedAt} />,
          },
        ]}
        empty={<p className="quiet">{t('staff.noMembers')}</p>}
      />
    </section>
  )
}
