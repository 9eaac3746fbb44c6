import { useState } from 'react'
import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { ConfirmDialog } from '#ui/dialog.tsx'
import { TextField } from '#ui/field.tsx'
import { Form } from '#ui/form.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure, problemOf, required } from '#web/api.ts'
import { useMay, useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { CancelTenant } from './cancel-tenant.tsx'

export default function SettingsPage() {
  const t = useText()
  const tenant = useTenant()
  const may = useMay()
  useTitle(t('tenants.settings'), tenant.name)
  const save = async ({ name = '', slug = '' }: Record<string, string>) => {
    const renamed = required(await api.PATCH('/api/v1/tenant', { body: { name, slug } }))
    location.assign(`/o/${renamed.slug}/settings`)
  }
  return (
    <div className="narrow">
      <PageHeader title={t('tenants.settings')} />
      <Form onSubmit={save} failureOf={formFailure}>
        {(busy) => (
          <>
            <TextField
              name="name"
              label={t('tenants.name')}
              defaultValue={tenant.name}
              disabled={!may('tenant:update')}
            />
            <TextField
              name="slug"
              label={t('tenants.slug')}
              defaultValue={tenant.slug}
              help={`/o/${tenant.slug}`}
              disabled={!may('tenant:update')}
            />
            {may('tenant:update') && (
              <div className="row">
                <Button type="submit" tone="primary" busy={busy}>
                  {t('tenants.save')}
                </Button>
              </div>
            )}
          </>
        )}
      </Form>
      <Leave />
      {may('tenant:cancel') && <CancelTenant />}
    </div>
  )
}

function Leave() {
  const t = useText()
  const [asking, setAsking] = useState(false)
  const [failure, setFailure] = useState<string>()
  const leave = async () => {
    setAsking(false)
    await api.POST('/api/v1/members/leave').then(
      () => location.assign('/'),
      (error: unknown) => setFailure(problemOf(error).detail),
    )
  }
  return (
    <section className="section stack">
      <h2>{t('tenants.leave')}</h2>
      <p className="quiet">{t('tenants.leaveHelp')}</p>
      {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
      <div>
        <Button onClick={() => setAsking(true)}>{t('tenants.leave')}</Button>
      </div>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('tenants.leave')}
        consequence={t('tenants.leaveHelp')}
        action={t('tenants.leave')}
        busy={false}
        onConfirm={() => void leave()}
      />
    </section>
  )
}
