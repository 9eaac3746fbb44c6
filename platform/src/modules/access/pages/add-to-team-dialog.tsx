import { useQuery } from '@tanstack/react-query'
import { Dialog } from '#ui/dialog.tsx'
import { Checkbox, SelectField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import { membersQuery, useTenant } from '#web/session.ts'

export function AddToTeamDialog({
  teamId,
  inside,
  open,
  onClose,
}: {
  teamId: string
  /** Who is in the team already. */
  inside: readonly string[]
  open: boolean
  onClose: () => void
}) {
  const t = useText()
  const { slug } = useTenant()
  const { data: members = [] } = useQuery({ ...membersQuery(slug), enabled: open })
  const add = async ({ principalId = '', isLead }: Record<string, string>) => {
    await api.POST('/api/v1/teams/{id}/members', {
      params: { path: { id: teamId } },
      body: { principalId, isLead: isLead !== undefined },
    })
    await queryClient.invalidateQueries({ queryKey: ['teams'] })
    onClose()
  }
  const outside = members.filter(({ userId }) => !inside.includes(userId))
  return (
    <Dialog open={open} onClose={onClose} title={t('access.addToTeam')}>
      <Form onSubmit={add} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <SelectField
                name="principalId"
                label={t('access.member')}
                options={outside.map(({ userId, name, email }) => [userId, `${name} · ${email}`])}
              />
              <Checkbox name="isLead" label={t('access.asLead')} />
            </div>
            <FormActions save={t('access.add')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}
