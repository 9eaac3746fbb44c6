import { useState } from 'react'
import { Banner } from 'tenantry/ui/banner.tsx'
import { Dialog } from 'tenantry/ui/dialog.tsx'
import { SelectField, TextArea, TextField } from 'tenantry/ui/field.tsx'
import { Form, FormActions } from 'tenantry/ui/form.tsx'
import { useText } from 'tenantry/ui/text.tsx'
import { useToast } from 'tenantry/ui/toast.tsx'
import { formFailure, ifMatch, ProblemError } from 'tenantry/web/api.ts'
import { api } from '../../../client/workspace.ts'
import { type ProjectRecord, projectStates } from './project-state.tsx'
import { refresh } from './use-changes.ts'

/** Makes a project, or edits the one that is given. */
export function ProjectDialog({
  open,
  onClose,
  project,
}: {
  open: boolean
  onClose: () => void
  project?: ProjectRecord
}) {
  const t = useText()
  const say = useToast()
  const [changedMeanwhile, setChangedMeanwhile] = useState(false)
  const save = async (values: Record<string, string>) => {
    const { name = '', description = '' } = values
    const state = projectStates.find((each) => each === values['state']) ?? 'planned'
    const body = { name, description, state, dueOn: values['dueOn'] || null }
    if (!project) {
      await api.POST('/api/v1/projects', { body })
      say(t('projects.created', { name }))
    } else {
      await update(project, body)
      say(t('projects.saved', { name }))
    }
    await refresh()
    onClose()
  }
  const update = async ({ id, version }: ProjectRecord, body: object) => {
    try {
      // The second attempt is on purpose, after the warning.
      const headers = changedMeanwhile ? {} : ifMatch({ version })
      await api.PATCH('/api/v1/projects/{id}', { params: { path: { id } }, body, headers })
    } catch (error) {
      if (error instanceof ProblemError && error.problem.status === 412) setChangedMeanwhile(true)
      throw error
    }
  }
  return (
    <Dialog open={open} onClose={onClose} title={t(project ? 'projects.edit' : 'projects.new')}>
      <Form onSubmit={save} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              {changedMeanwhile && <Banner>{t('projects.changed')}</Banner>}
              <TextField name="name" label={t('projects.name')} defaultValue={project?.name} maxLength={120} required />
              <TextArea
                name="description"
                label={t('projects.description')}
                defaultValue={project?.description}
                maxLength={5_000}
                rows={4}
              />
              <div className="pair">
                <SelectField
                  name="state"
                  label={t('projects.state')}
                  defaultValue={project?.state ?? 'planned'}
                  options={projectStates.map((each) => [each, t(`projects.${each}`)])}
                />
                <TextField name="dueOn" type="date" label={t('projects.due')} defaultValue={project?.dueOn ?? ''} />
              </div>
            </div>
            <FormActions save={t(project ? 'ui.save' : 'projects.create')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}
