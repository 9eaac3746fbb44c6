import { Dialog } from '#ui/dialog.tsx'
import { TextArea, TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure, required } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import type { Team } from './access-queries.ts'

/** Makes a team, or changes what one is called. */
export function TeamDialog({
  team,
  open,
  onClose,
  onSaved,
}: {
  /** Absent: a new one. */
  team?: Team
  open: boolean
  onClose: () => void
  onSaved: (team: Team) => void
}) {
  const t = useText()
  const save = async ({ name = '', description = '' }: Record<string, string>) => {
    const saved = await saveTeam(team, { name, description })
    await queryClient.invalidateQueries({ queryKey: ['teams'] })
    onSaved(saved)
  }
  return (
    <Dialog open={open} onClose={onClose} title={t(team ? 'access.renameTeam' : 'access.newTeam')}>
      <Form onSubmit={save} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <TextField
                name="name"
                label={t('access.name')}
                defaultValue={team?.name}
                maxLength={60}
                autoComplete="off"
                required
              />
              <TextArea
                name="description"
                label={t('access.description')}
                defaultValue={team?.description}
                rows={2}
                maxLength={500}
              />
            </div>
            <FormActions save={t(team ? 'ui.save' : 'access.createTeam')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}

async function saveTeam(team: Team | undefined, body: { name: string; description: string }): Promise<Team> {
  if (!team) return required(await api.POST('/api/v1/teams', { body }))
  const params = { path: { id: team.id } }
  const headers = { 'If-Match': `"${team.version}"` }
  return required(await api.PATCH('/api/v1/teams/{id}', { params, headers, body }))
}
