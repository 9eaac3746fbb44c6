import { Plus } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '#ui/button.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { useText } from '#ui/text.tsx'
import { useAddressState } from '#web/list-state.ts'
import { useMay } from '#web/session.ts'
import { AssignmentTable } from './assignment-table.tsx'
import { Explanation } from './explanation.tsx'
import { GiveRoleDialog } from './give-role-dialog.tsx'

/** What a member or a service account may do: the roles that they have, and why they may, or may not, do something. */
export function PrincipalAccess({
  principalId,
  name,
  crumbs,
  isMember,
  children,
}: {
  principalId: string
  name: string
  crumbs: ReactNode
  isMember: boolean
  children?: ReactNode
}) {
  const t = useText()
  const may = useMay()
  const address = useAddressState()
  return (
    <>
      <PageHeader
        crumbs={crumbs}
        title={name}
        actions={
          may('role:assign') && (
            <Button tone="primary" icon={<Plus size={16} aria-hidden />} onClick={() => address.set({ open: 'give' })}>
              {t('access.giveRole')}
            </Button>
          )
        }
      >
        {children}
      </PageHeader>
      <AssignmentTable principalId={principalId} isMember={isMember} />
      <Explanation principalId={principalId} />
      <GiveRoleDialog
        principalId={principalId}
        name={name}
        open={address.values['open'] === 'give'}
        onClose={() => address.set({ open: undefined })}
      />
    </>
  )
}
