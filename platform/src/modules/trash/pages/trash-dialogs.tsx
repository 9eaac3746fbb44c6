import { Dialog } from '#ui/dialog.tsx'
import { TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { formFailure } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import { kindOf, type Trashed } from './trashed.ts'

interface DialogProps {
  /** The record that it is about; undefined while it is closed. */
  readonly record: Trashed | undefined
  readonly onClose: () => void
  /** It is no longer in the trash. */
  readonly onGone: (record: Trashed) => void
}

/** Asks what a record shall be called whose name is taken meanwhile. */
export function RestoreAsDialog({ record, onClose, onGone }: DialogProps) {
  const t = useText()
  const say = useToast()
  const restore = async ({ name = '' }: Record<string, string>) => {
    if (!record) return
    await kindOf(record)?.restore(record.id, name)
    say(t('trash.restored', { name }))
    onGone(record)
    onClose()
    await queryClient.invalidateQueries()
  }
  return (
    <Dialog open={record !== undefined} onClose={onClose} title={t('trash.nameTaken')}>
      <Form onSubmit={restore} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <p dir="auto">{t('trash.nameTakenHelp', { name: record?.name ?? '' })}</p>
              <TextField
                name="name"
                label={t('trash.newName')}
                defaultValue={t('trash.nameSuggested', { name: record?.name ?? '' })}
                required
              />
            </div>
            <FormActions save={t('trash.restore')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}

/** Deletes a record for good once its name is typed. */
export function PurgeDialog({ record, onClose, onGone }: DialogProps) {
  const t = useText()
  const say = useToast()
  const purge = async ({ confirm = '' }: Record<string, string>) => {
    if (!record) return
    await kindOf(record)?.purge(record.id, confirm)
    say(t('trash.purged', { name: record.name }))
    onGone(record)
    onClose()
    await queryClient.invalidateQueries()
  }
  return (
    <Dialog open={record !== undefined} onClose={onClose} title={t('trash.purgeTitle', { name: record?.name ?? '' })}>
      <Form onSubmit={purge} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <p>{t('trash.purgeHelp')}</p>
              <TextField name="confirm" label={t('trash.confirm')} autoComplete="off" spellCheck={false} required />
            </div>
            <FormActions save={t('trash.purge')} tone="danger" busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}
