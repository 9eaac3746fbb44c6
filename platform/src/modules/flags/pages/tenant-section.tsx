import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { operations } from '#client/generated/schema.d.ts'
import { Button } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { SelectField, TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { ErrorState } from '#ui/states.tsx'
import { Status } from '#ui/status.tsx'
import { Table } from '#ui/table.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure, problemOf, required } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import { rolesText } from './flag-words.tsx'

type TenantFlag = operations['staffTenantFlags.list']['responses'][200]['content']['application/json']['items'][number]

/** The flags of one tenant, each with the rule that decides, and the way to name the tenant in them. */
export default function TenantSection({ tenantId: id }: { tenantId: string }) {
  const t = useText()
  const [changing, setChanging] = useState<TenantFlag>()
  const { data, error, refetch } = useQuery({
    queryKey: ['staff', 'flags', 'tenant', id],
    queryFn: async () =>
      required(await api.GET('/api/v1/staff/tenants/{id}/flags', { params: { path: { id } } })).items,
  })
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('flags.ofTenant')}</h2>
      </div>
      {error && <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />}
      {data?.length === 0 && <p className="quiet">{t('flags.none')}</p>}
      {!error && data?.length !== 0 && (
        <Table
          caption={t('flags.ofTenant')}
          rows={data}
          rowKey={({ key }) => key}
          columns={[
            {
              key: 'flag',
              header: t('flags.flag'),
              cell: ({ key, summary }) => (
                <span className="target-name">
                  <span className="mono">{key}</span>
                  <small>{summary}</small>
                </span>
              ),
            },
            { key: 'state', header: t('flags.state'), cell: (flag) => <State of={flag} /> },
            { key: 'by', header: t('flags.by'), cell: ({ by }) => t(`flags.by.${by}`) },
            {
              key: 'set',
              header: t('flags.set'),
              align: 'acts',
              cell: (flag) => (
                <Button
                  size="small"
                  aria-label={t('flags.setOf', { flag: flag.key })}
                  onClick={() => setChanging(flag)}
                >
                  {t('flags.set')}
                </Button>
              ),
            },
          ]}
        />
      )}
      {changing && <SetDialog flag={changing} tenantId={id} onClose={() => setChanging(undefined)} />}
    </section>
  )
}

function State({ of: { on, roles } }: { of: TenantFlag }) {
  const t = useText()
  if (on) return <Status look="good">{t('flags.on')}</Status>
  if (roles.length > 0) return <Status look="going">{t('flags.onForRoles', { roles: rolesText(t, roles) })}</Status>
  return <Status look="open">{t('flags.off')}</Status>
}

const choices = ['none', 'on', 'off'] as const

function SetDialog({ flag, tenantId, onClose }: { flag: TenantFlag; tenantId: string; onClose: () => void }) {
  const t = useText()
  const say = useToast()
  const { key, named } = flag
  const save = async ({ choice = 'none', reason = '' }: Record<string, string>) => {
    const params = { path: { id: tenantId, key } }
    const on = choice === 'none' ? null : choice === 'on'
    await api.PUT('/api/v1/staff/tenants/{id}/flags/{key}', { params, body: { on, reason } })
    say(t('flags.setDone', { flag: key }))
    onClose()
    await queryClient.invalidateQueries({ queryKey: ['staff'] })
  }
  return (
    <Dialog open onClose={onClose} title={t('flags.setOf', { flag: key })}>
      <Form onSubmit={save} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <p>{t('flags.setHelp')}</p>
              <SelectField
                name="choice"
                label={t('flags.setTo')}
                defaultValue={named === null ? 'none' : named ? 'on' : 'off'}
                options={choices.map((each) => [each, t(`flags.set.${each}`)])}
              />
              <TextField
                name="reason"
                label={t('flags.reason')}
                help={t('flags.setReasonHelp')}
                maxLength={500}
                required
              />
            </div>
            <FormActions save={t('flags.set')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}
