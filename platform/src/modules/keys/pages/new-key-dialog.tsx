import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { CopyField } from '#ui/copy-field.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { Checkbox, SelectField, TextField } from '#ui/field.tsx'
import { Form, FormActions, FormProblem } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure, required } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import { useTenant } from '#web/session.ts'

const dayMs = 86_400_000
const lifetimesDays = [30, 90, 365] as const

/** Makes a key, then shows it once: closing asks whether it was stored. */
export function NewKeyDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText()
  const [key, setKey] = useState<string>()
  const close = () => {
    setKey(undefined)
    onClose()
  }
  if (key !== undefined) {
    return (
      <Dialog open={open} onClose={close} title={t('keys.madeTitle')} closable={false}>
        <NewKey value={key} onDone={close} />
      </Dialog>
    )
  }
  return (
    <Dialog open={open} onClose={close} title={t('keys.create')}>
      <KeyForm onMade={setKey} onCancel={close} />
    </Dialog>
  )
}

function KeyForm({ onMade, onCancel }: { onMade: (key: string) => void; onCancel: () => void }) {
  const t = useText()
  const { permissions } = useTenant()
  const create = async ({ name = '', days = '' }: Record<string, string>, data: FormData) => {
    const scopes = data.getAll('scopes').map(String)
    if (scopes.length === 0) throw new FormProblem({ detail: t('keys.noScope') })
    const expiresAt = days === '' ? null : new Date(Date.now() + Number(days) * dayMs).toISOString()
    const made = required(await api.POST('/api/v1/keys', { body: { name, scopes, expiresAt } }))
    await queryClient.invalidateQueries({ queryKey: ['keys'] })
    onMade(made.key)
  }
  return (
    <Form onSubmit={create} failureOf={formFailure}>
      {(busy) => (
        <>
          <div className="body">
            <TextField name="name" label={t('keys.name')} help={t('keys.nameHelp')} maxLength={100} required />
            <SelectField
              name="days"
              label={t('keys.expires')}
              defaultValue="90"
              options={[
                ...lifetimesDays.map((count) => [String(count), t('keys.days', { count })] as const),
                ['', t('keys.never')],
              ]}
            />
            <fieldset className="field">
              <legend>{t('keys.scopes')}</legend>
              <div className="scopes">
                {permissions.toSorted().map((permission) => (
                  <Checkbox
                    key={permission}
                    name="scopes"
                    value={permission}
                    label={<span className="mono">{permission}</span>}
                  />
                ))}
              </div>
            </fieldset>
          </div>
          <FormActions save={t('keys.create')} busy={busy} onCancel={onCancel} />
        </>
      )}
    </Form>
  )
}

function NewKey({ value, onDone }: { value: string; onDone: () => void }) {
  const t = useText()
  const [stored, setStored] = useState(false)
  return (
    <>
      <div className="body">
        <p className="quiet">{t('keys.madeHelp')}</p>
        <CopyField value={value} />
        <Checkbox label={t('keys.stored')} checked={stored} onChange={(event) => setStored(event.target.checked)} />
      </div>
      <footer>
        <Button tone="primary" disabled={!stored} onClick={onDone}>
          {t('keys.done')}
        </Button>
      </footer>
    </>
  )
}
