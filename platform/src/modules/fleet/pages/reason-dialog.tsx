import { Dialog } from '#ui/dialog.tsx'
import { TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { formFailure } from '#web/api.ts'

interface ReasonDialogProps {
  readonly title: string
  readonly help: string
  readonly reasonHelp: string
  /** What the button that does it says. */
  readonly verb: string
  /** What it throws is shown in the dialog, which stays open. */
  readonly onSave: (reason: string) => Promise<void>
  readonly onClose: () => void
}

/** Asks why something is done to the fleet, and does it. */
export function ReasonDialog({ title, help, reasonHelp, verb, onSave, onClose }: ReasonDialogProps) {
  const t = useText()
  const save = async ({ reason = '' }: Record<string, string>) => {
    await onSave(reason)
  }
  return (
    <Dialog open onClose={onClose} title={title}>
      <Form onSubmit={save} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <p>{help}</p>
              <TextField name="reason" label={t('fleet.reason')} help={reasonHelp} maxLength={500} required />
            </div>
            <FormActions save={verb} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}
