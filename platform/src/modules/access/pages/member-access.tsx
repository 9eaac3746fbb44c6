import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { Button } from '#ui/button.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { ErrorState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { problemOf } from '#web/api.ts'
import { useAddressState } from '#web/list-state.ts'
import { membersQuery, useMay, useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { AssignmentTable } from './assignment-table.tsx'
import { Explanation } from './explanation.tsx'
import { GiveRoleDialog } from './give-role-dialog.tsx'

/** What one member may do: the roles that they have, and why they may, or may not, do something. */
export default function MemberAccessPage() {
  const { id = '' } = useParams({ strict: false })
  const t = useText()
  const tenant = useTenant()
  const may = useMay()
  const address = useAddressState()
  const { data: members, error, refetch } = useQuery(membersQuery(tenant.slug))
  const { name = t('access.unnamed'), email } = members?.find(({ userId }) => userId === id) ?? {}
  useTitle(members ? name : t('access.member'), tenant.name)
  if (error) return <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
  if (!members) return null
  return (
    <>
      <PageHeader
        crumbs={<Link to={`/o/${tenant.slug}/members`}>{t('access.teamMembers')}</Link>}
        title={name}
        actions={
          may('role:assign') && (
            <Button tone="primary" icon={<Plus size={16} aria-hidden />} onClick={() => address.set({ open: 'give' })}>
              {t('access.giveRole')}
            </Button>
          )
        }
      >
        {email}
      </PageHeader>
      <AssignmentTable principalId={id} />
      <Explanation principalId={id} />
      <GiveRoleDialog
        principalId={id}
        name={name}
        open={address.values['open'] === 'give'}
        onClose={() => address.set({ open: undefined })}
      />
    </>
  )
}
