import { useQuery } from '@tanstack/react-query'
import { When } from '#ui/date.tsx'
import { ErrorState } from '#ui/states.tsx'
import { Table } from '#ui/table.tsx'
import { useText } from '#ui/text.tsx'
import { api, problemOf, required } from '#web/api.ts'

/** Who belongs to a tenant, the first hundred by name. */
export function TenantMembers({ tenantId: id }: { tenantId: string }) {
  const t = useText()
  const { data, error, refetch } = useQuery({
    queryKey: ['staff', 'tenant', id, 'members'],
    queryFn: async () =>
      required(await api.GET('/api/v1/staff/tenants/{id}/members', { params: { path: { id } } })).items,
  })
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('staff.members')}</h2>
      </div>
      {error ? (
        <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
      ) : (
        <Table
          caption={t('staff.members')}
          rows={data}
          rowKey={(member) => member.id}
          columns={[
            { key: 'name', header: t('staff.name'), cell: ({ name }) => <span dir="auto">{name}</span> },
            { key: 'email', header: t('staff.email'), cell: ({ email }) => email },
            { key: 'role', header: t('staff.role'), cell: ({ role }) => t(`staff.role.${role}`) },
            { key: 'joined', header: t('staff.joined'), cell: ({ joinedAt }) => <When at={joinedAt} /> },
          ]}
        />
      )}
    </section>
  )
}
