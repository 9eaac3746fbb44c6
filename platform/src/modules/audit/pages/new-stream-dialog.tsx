import { useState } from 'react'
import { Dialog } from '#ui/dialog.tsx'
import { SelectField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure, required } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import { SecretDialog } from './secret-dialog.tsx'
import { StreamFields } from './stream-dialog.tsx'

/** Makes a stream, then shows its secret. */
export function NewStreamDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText()
  const [secret, setSecret] = useState<string>()
  const create = async ({ name = '', url = '', format, since }: Record<string, string>) => {
    const body = {
      name,
      url,
      format: format === 'cloudevents' ? ('cloudevents' as const) : ('jsonl' as const),
      since: since === 'beginning' ? ('beginning' as const) : ('now' as const),
    }
    const made = required(await api.POST('/api/v1/audit-streams', { body }))
    await queryClient.invalidateQueries({ queryKey: ['audit-streams'] })
    onClose()
    setSecret(made.secret)
  }
  return (
    <>
      <Dialog open={open} onClose={onClose} title={t('audit.newStream')}>
        <Form onSubmit={create} failureOf={formFailure}>
          {(busy) => (
            <>
              <div className="body">
                <StreamFields />
                <SelectField
                  name="since"
                  label={t('audit.beginsWith')}
                  options={[
                    ['now', t('audit.beginsWith.now')],
                    ['beginning', t('audit.beginsWith.beginning')],
                  ]}
                />
              </div>
              <FormActions save={t('audit.createStream')} busy={busy} onCancel={onClose} />
            </>
          )}
        </Form>
      </Dialog>
      <SecretDialog secret={secret} onDone={() => setSecret(undefined)} />
    </>
  )
}
