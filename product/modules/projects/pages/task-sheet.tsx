import { useQuery } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Banner } from 'tenantry/ui/banner.tsx'
import { Button } from 'tenantry/ui/button.tsx'
import { When } from 'tenantry/ui/date.tsx'
import { Dialog, Sheet } from 'tenantry/ui/dialog.tsx'
import { SelectField, TextArea, TextField } from 'tenantry/ui/field.tsx'
import { Form, FormActions } from 'tenantry/ui/form.tsx'
import { useText } from 'tenantry/ui/text.tsx'
import { useToast } from 'tenantry/ui/toast.tsx'
import { formFailure, ifMatch, ProblemError } from 'tenantry/web/api.ts'
import { membersQuery, useMay, useTenant } from 'tenantry/web/session.ts'
import { api } from '../../../client/workspace.ts'
import { type TaskRecord, taskStates } from './project-state.tsx'
import { refresh, useChanges } from './use-changes.ts'

export function NewTaskDialog({ open, projectId, onClose }: { open: boolean; projectId: string; onClose: () => void }) {
  const t = useText()
  const say = useToast()
  const create = async (values: Record<string, string>) => {
    await api.POST('/api/v1/tasks', { body: { projectId, ...taskIn(values) } })
    await refresh()
    say(t('projects.created', { name: values['title'] ?? '' }))
    onClose()
  }
  return (
    <Dialog open={open} onClose={onClose} title={t('projects.newTask')}>
      <Form onSubmit={create} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <TaskFields />
            </div>
            <FormActions save={t('projects.newTask')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}

/** One task beside its project. Who may not change it sees the same, without the controls. */
export function TaskSheet({ task, onClose }: { task: TaskRecord | undefined; onClose: () => void }) {
  return (
    <Sheet open={task !== undefined} onClose={onClose} title={task?.title ?? ''}>
      {task && <TaskForm key={task.id} task={task} onClose={onClose} />}
    </Sheet>
  )
}

function TaskForm({ task, onClose }: { task: TaskRecord; onClose: () => void }) {
  const t = useText()
  const may = useMay()
  const say = useToast()
  const { deleteTask } = useChanges()
  const [changedMeanwhile, setChangedMeanwhile] = useState(false)
  const save = async (values: Record<string, string>) => {
    try {
      const headers = changedMeanwhile ? {} : ifMatch(task)
      await api.PATCH('/api/v1/tasks/{id}', { params: { path: { id: task.id } }, body: taskIn(values), headers })
    } catch (error) {
      if (error instanceof ProblemError && error.problem.status === 412) setChangedMeanwhile(true)
      throw error
    }
    await refresh()
    say(t('projects.saved', { name: values['title'] ?? '' }))
    onClose()
  }
  const remove = async () => {
    onClose()
    await deleteTask(task)
  }
  return (
    <Form onSubmit={save} failureOf={formFailure}>
      {(busy) => (
        <fieldset disabled={!may('task:update')} className="stack">
          {changedMeanwhile && <Banner>{t('projects.changed')}</Banner>}
          <TaskFields task={task} />
          <p className="fine">
            {t('projects.updated')} <When at={task.updatedAt} />
          </p>
          <div className="row">
            {may('task:update') && (
              <Button type="submit" tone="primary" busy={busy}>
                {t('ui.save')}
              </Button>
            )}
            {may('task:delete') && (
              <Button tone="bare" icon={<Trash2 size={16} aria-hidden />} onClick={() => void remove()}>
                {t('ui.delete')}
              </Button>
            )}
          </div>
        </fieldset>
      )}
    </Form>
  )
}

function TaskFields({ task }: { task?: TaskRecord }) {
  const t = useText()
  const { slug } = useTenant()
  const { data: members = [] } = useQuery(membersQuery(slug))
  return (
    <>
      <TextField name="title" label={t('projects.taskTitle')} defaultValue={task?.title} maxLength={200} required />
      <div className="pair">
        <SelectField
          name="state"
          label={t('projects.state')}
          defaultValue={task?.state ?? 'todo'}
          options={taskStates.map((each) => [each, t(`projects.${each}`)])}
        />
        <TextField name="dueOn" type="date" label={t('projects.due')} defaultValue={task?.dueOn ?? ''} />
      </div>
      <SelectField
        key={members.length}
        name="assigneeId"
        label={t('projects.assignee')}
        defaultValue={task?.assigneeId ?? ''}
        options={[['', t('projects.nobody')], ...members.map(({ userId, name }) => [userId, name] as const)]}
      />
      <TextArea name="notes" label={t('projects.notes')} defaultValue={task?.notes} maxLength={10_000} rows={6} />
    </>
  )
}

function taskIn({ title = '', notes = '', ...values }: Record<string, string>) {
  const state = taskStates.find((each) => each === values['state']) ?? 'todo'
  return { title, notes, state, assigneeId: values['assigneeId'] || null, dueOn: values['dueOn'] || null }
}
