import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure } from '#web/api.ts'
import { useTenant } from '#web/session.ts'

/** The end of an organisation, for its owner: asks for its name and a reason. */
export function CancelTenant() {
  const t = useText()
  const tenant = useTenant()
  const [asking, setAsking] = useState(false)
  const cancel = async ({ name = '', reason = '' }: Record<string, string>) => {
    await api.POST('/api/v1/tenant/cancel', { body: { name, reason } })
    // Loads the page anew: what it says from now on is that the organisation was cancelled.
    location.reload()
  }
  return (
    <section className="section stack">
      <h2>{t('tenants.cancel')}</h2>
      <p className="quiet">{t('tenants.cancelHelp')}</p>
      <div>
        <Button tone="danger" onClick={() => setAsking(true)}>
          {t('tenants.cancel')}
        </Button>
      </div>
      <Dialog open={asking} onClose={() => setAsking(false)} title={t('tenants.cancelTitle', { name: tenant.name })}>
        <Form onSubmit={cancel} failureOf={formFailure}>
          {(busy) => (
            <>
              <div className="body">
                <p>{t('tenants.cancelHelp')}</p>
                <TextField name="reason" label={t('tenants.cancelReason')} maxLength={500} required />
                <TextField
                  name="name"
                  label={t('tenants.typeName', { name: tenant.name })}
                  autoComplete="off"
                  maxLength={100}
                  required
                />
              </div>
              <FormActions
                save={t('tenants.cancel')}
                tone="danger"
                busy={busy}
                dismiss={t('ui.back')}
                onCancel={() => setAsking(false)}
              />
            </>
          )}
        </Form>
      </Dialog>
    </section>
  )
}
