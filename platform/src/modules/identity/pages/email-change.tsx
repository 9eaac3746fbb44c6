import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure } from '#web/api.ts'
import { useMe } from '#web/session.ts'

/** The address of the account, and a dialog for another one. */
export function EmailChange() {
  const t = useText()
  const me = useMe()
  const say = useToast()
  const [open, setOpen] = useState(false)
  const close = () => setOpen(false)
  const change = async ({ email = '' }: Record<string, string>) => {
    await api.POST('/api/v1/me/email-changes', { body: { email } })
    say(t('identity.addressAsked', { email }))
    close()
  }
  return (
    <section className="section stack">
      <h2>{t('identity.email')}</h2>
      <p>{me.email}</p>
      <div className="row">
        <Button onClick={() => setOpen(true)}>{t('identity.changeAddress')}</Button>
      </div>
      <Dialog open={open} onClose={close} title={t('identity.changeAddress')}>
        <Form onSubmit={change} failureOf={formFailure}>
          {(busy) => (
            <>
              <div className="body">
                <p>{t('identity.changeAddressHelp')}</p>
                <TextField name="email" type="email" label={t('identity.newEmail')} autoComplete="email" required />
              </div>
              <FormActions save={t('identity.send')} busy={busy} onCancel={close} />
            </>
          )}
        </Form>
      </Dialog>
    </section>
  )
}
