import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Dialog } from '#ui/dialog.tsx'
import { SelectField, TextArea, TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure, required } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import { useMay, useTenant } from '#web/session.ts'
import { rolesQuery } from './access-queries.ts'
import { useRoleName } from './role-name.ts'

/** Makes a role, empty or like another one, and opens it: what it permits is chosen there. */
export function NewRoleDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText()
  const { slug } = useTenant()
  const may = useMay()
  const nameOf = useRoleName()
  const navigate = useNavigate()
  const { data: roles = [] } = useQuery({ ...rolesQuery(slug), enabled: open })
  const create = async ({ name = '', description = '', like = '' }: Record<string, string>) => {
    const model = roles.find(({ id }) => id === like)
    // What one does not hold oneself cannot be given: the role is made without it.
    const permissions = model?.permissions.filter(({ permission }) => may(permission)) ?? []
    const made = required(await api.POST('/api/v1/roles', { body: { name, description, permissions } }))
    await queryClient.invalidateQueries({ queryKey: ['roles'] })
    await navigate({ to: `/o/${slug}/roles/${made.id}` })
  }
  return (
    <Dialog open={open} onClose={onClose} title={t('access.newRole')}>
      <Form onSubmit={create} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <TextField name="name" label={t('access.name')} maxLength={60} autoComplete="off" required />
              <TextArea name="description" label={t('access.description')} rows={2} maxLength={500} />
              <SelectField
                name="like"
                label={t('access.like')}
                help={t('access.likeHelp')}
                options={[['', t('access.likeNone')], ...roles.map((role) => [role.id, nameOf(role)] as const)]}
              />
            </div>
            <FormActions save={t('access.createRole')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}
