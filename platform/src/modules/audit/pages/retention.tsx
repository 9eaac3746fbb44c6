import { useQuery } from '@tanstack/react-query'
import { Button } from '#ui/button.tsx'
import { TextField } from '#ui/field.tsx'
import { Form } from '#ui/form.tsx'
import { ErrorState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure, ifMatch, problemOf, required } from '#web/api.ts'
import { useMay, useTenant } from '#web/session.ts'

/** How long entries are kept here. */
export function Retention() {
  const t = useText()
  const { slug } = useTenant()
  const may = useMay()
  const say = useToast()
  const { data, error, refetch } = useQuery({
    queryKey: ['audit-retention', slug],
    queryFn: async () => required(await api.GET('/api/v1/audit-retention')),
  })
  const save = async ({ days = '' }: Record<string, string>) => {
    const body = { days: days === '' ? null : Number(days) }
    await api.PUT('/api/v1/audit-retention', { body, params: { header: ifMatch({ version: data?.version ?? 0 }) } })
    await refetch()
    say(t('audit.retentionSaved'))
  }
  const disabled = !may('audit:retain')
  return (
    <section className="section narrow stack" aria-busy={!data}>
      <h2>{t('audit.retention')}</h2>
      <p className="quiet">{t('audit.retentionHelp')}</p>
      {error && <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />}
      {data && (
        <Form onSubmit={save} failureOf={formFailure}>
          {(busy) => (
            <>
              <TextField
                name="days"
                type="number"
                min={90}
                max={3650}
                label={t('audit.retentionDays')}
                help={t('audit.retentionDaysHelp')}
                defaultValue={data.days ?? ''}
                disabled={disabled}
              />
              {!disabled && (
                <div className="row">
                  <Button type="submit" tone="primary" busy={busy}>
                    {t('audit.save')}
                  </Button>
                </div>
              )}
            </>
          )}
        </Form>
      )}
    </section>
  )
}
