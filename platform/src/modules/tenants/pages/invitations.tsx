import { useQuery } from '@tanstack/react-query'
import { Button } from '#ui/button.tsx'
import { When } from '#ui/date.tsx'
import { ErrorState } from '#ui/states.tsx'
import { Table } from '#ui/table.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { useMay, useTenant } from '#web/session.ts'

/** Who was invited and has not joined yet. Nothing is shown when there is nobody. */
export function Invitations() {
  const t = useText()
  const { slug } = useTenant()
  const may = useMay()
  const say = useToast()
  const { data, error, refetch } = useQuery({
    queryKey: ['invitations', slug],
    queryFn: async () => required(await api.GET('/api/v1/invitations', { params: { query: { limit: 100 } } })),
  })
  const act = async (done: string, request: Promise<unknown>) => {
    try {
      await request
      say(done)
    } catch (failure) {
      say(problemOf(failure).detail)
    }
    await refetch()
  }
  const resend = (id: string, email: string) =>
    act(t('tenants.invited', { email }), api.POST('/api/v1/invitations/{id}/resend', { params: { path: { id } } }))
  const revoke = (id: string, email: string) =>
    act(t('tenants.revoked', { email }), api.DELETE('/api/v1/invitations/{id}', { params: { path: { id } } }))
  if (error) return <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
  if (data?.items.length === 0) return null
  return (
    <section className="section">
      <h2>{t('tenants.open')}</h2>
      <Table
        caption={t('tenants.open')}
        rows={data?.items}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'email',
            header: t('tenants.email'),
            cell: ({ name, email }) => (name === null ? email : `${name} · ${email}`),
          },
          { key: 'role', header: t('tenants.role'), cell: ({ role }) => t(`tenants.${role}`) },
          {
            key: 'expires',
            header: t('tenants.expires'),
            named: true,
            cell: ({ expiresAt }) => <When at={expiresAt} />,
          },
          {
            key: 'acts',
            header: t('ui.actions'),
            align: 'acts',
            cell: ({ id, email }) => (
              <>
                {may('invitation:create') && (
                  <Button size="small" tone="bare" onClick={() => void resend(id, email)}>
                    {t('tenants.resend')}
                  </Button>
                )}
                {may('invitation:revoke') && (
                  <Button size="small" tone="bare" onClick={() => void revoke(id, email)}>
                    {t('tenants.revoke')}
                  </Button>
                )}
              </>
            ),
          },
        ]}
      />
    </section>
  )
}
