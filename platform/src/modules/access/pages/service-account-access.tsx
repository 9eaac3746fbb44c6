import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ErrorState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { PrincipalAccess } from './principal-access.tsx'

/** The roles of one service account. */
export default function ServiceAccountAccessPage() {
  const { id = '' } = useParams({ strict: false })
  const t = useText()
  const tenant = useTenant()
  const { data, error, refetch } = useQuery({
    queryKey: ['serviceAccounts', tenant.slug, 'one', id],
    queryFn: async () => required(await api.GET('/api/v1/service-accounts/{id}', { params: { path: { id } } })),
  })
  useTitle(data ? t('access.rolesOf', { name: data.name }) : t('access.roles'), tenant.name)
  if (error) return <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
  if (!data) return null
  const account = `/o/${tenant.slug}/service-accounts/${id}`
  return (
    <PrincipalAccess
      principalId={id}
      name={data.name}
      crumbs={<Link to={account}>{t('access.serviceAccount')}</Link>}
      isMember={false}
    >
      {t('access.serviceAccountHelp')}
    </PrincipalAccess>
  )
}
