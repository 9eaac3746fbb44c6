import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ErrorState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { problemOf } from '#web/api.ts'
import { membersQuery, useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { PrincipalAccess } from './principal-access.tsx'

/** The roles of one member. */
export default function MemberAccessPage() {
  const { id = '' } = useParams({ strict: false })
  const t = useText()
  const tenant = useTenant()
  const { data: members, error, refetch } = useQuery(membersQuery(tenant.slug))
  const { name = t('access.unnamed'), email } = members?.find(({ userId }) => userId === id) ?? {}
  useTitle(members ? name : t('access.member'), tenant.name)
  if (error) return <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
  if (!members) return null
  const crumbs = <Link to={`/o/${tenant.slug}/members`}>{t('access.teamMembers')}</Link>
  return (
    <PrincipalAccess principalId={id} name={name} crumbs={crumbs} isMember>
      {email}
    </PrincipalAccess>
  )
}
