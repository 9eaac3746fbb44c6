import { useQuery } from '@tanstack/react-query'
import { Button } from '#ui/button.tsx'
import { Checkbox, TextField } from '#ui/field.tsx'
import { Form } from '#ui/form.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { ErrorState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure, ifMatch, problemOf, required } from '#web/api.ts'
import { useMay, useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'

/** What the organisation asks of its people's sessions. */
export default function SecurityPage() {
  const t = useText()
  const tenant = useTenant()
  const may = useMay()
  const say = useToast()
  useTitle(t('tenants.security'), tenant.name)
  const { data, error, refetch } = useQuery({
    queryKey: ['session-policy', tenant.slug],
    queryFn: async () => required(await api.GET('/api/v1/session-policy')),
  })
  const save = async ({ idleTimeoutMinutes = '', sessionMaxHours = '' }: Record<string, string>, form: FormData) => {
    const body = {
      mfaRequired: form.has('mfaRequired'),
      idleTimeoutMinutes: numberOrNull(idleTimeoutMinutes),
      sessionMaxHours: numberOrNull(sessionMaxHours),
    }
    await api.PUT('/api/v1/session-policy', { body, params: { header: ifMatch({ version: data?.version ?? 0 }) } })
    await refetch()
    say(t('tenants.policySaved'))
  }
  const disabled = !may('security:update')
  return (
    <div className="narrow stack" aria-busy={!data && !error}>
      <PageHeader title={t('tenants.security')}>{t('tenants.policyHelp')}</PageHeader>
      {error && <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />}
      {data && (
        <Form onSubmit={save} failureOf={formFailure}>
          {(busy) => (
            <>
              <Checkbox
                name="mfaRequired"
                label={t('tenants.mfaRequired')}
                defaultChecked={data.mfaRequired}
                disabled={disabled}
              />
              <TextField
                name="idleTimeoutMinutes"
                type="number"
                min={5}
                max={10_080}
                label={t('tenants.idle')}
                help={t('tenants.idleHelp')}
                defaultValue={data.idleTimeoutMinutes ?? ''}
                disabled={disabled}
              />
              <TextField
                name="sessionMaxHours"
                type="number"
                min={1}
                max={720}
                label={t('tenants.age')}
                help={t('tenants.ageHelp')}
                defaultValue={data.sessionMaxHours ?? ''}
                disabled={disabled}
              />
              {!disabled && (
                <div className="row">
                  <Button type="submit" tone="primary" busy={busy}>
                    {t('tenants.save')}
                  </Button>
                </div>
              )}
            </>
          )}
        </Form>
      )}
    </div>
  )
}

/** What was left empty is left to the platform. */
function numberOrNull(typed: string): number | null {
  return typed === '' ? null : Number(typed)
}
