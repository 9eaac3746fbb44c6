import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { When } from '#ui/date.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { SelectField, TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { ErrorState } from '#ui/states.tsx'
import { Table } from '#ui/table.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure, problemOf, required } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import { SessionActions } from './session-actions.tsx'
import { SessionReason, SessionState } from './session-words.tsx'

const shown = 5
const lengths = [15, 30, 60]
const askedEveryMs = 10_000

/** The latest support sessions of one tenant, and the way to another. */
export default function TenantSection({ tenantId }: { tenantId: string }) {
  const t = useText()
  const [isAsking, setAsking] = useState(false)
  const { data, error, refetch } = useQuery({
    queryKey: ['staff', 'support', 'tenant', tenantId],
    queryFn: async () =>
      required(
        await api.GET('/api/v1/staff/support-sessions', { params: { query: { tenant: tenantId, limit: shown } } }),
      ),
    refetchInterval: askedEveryMs,
  })
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('support.access')}</h2>
        <Button size="small" onClick={() => setAsking(true)}>
          {t('support.ask')}
        </Button>
      </div>
      {error && <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && <p className="quiet">{t('support.noSessionsHere')}</p>}
      {data?.items.length !== 0 && !error && (
        <Table
          caption={t('support.access')}
          rows={data?.items}
          rowKey={({ id }) => id}
          columns={[
            { key: 'state', header: t('support.state'), cell: (session) => <SessionState of={session} /> },
            { key: 'staff', header: t('support.staff'), cell: ({ staff }) => staff.name },
            { key: 'member', header: t('support.as'), cell: ({ member }) => member.name },
            { key: 'reason', header: t('support.why'), cell: (session) => <SessionReason of={session} /> },
            { key: 'asked', header: t('support.asked'), cell: ({ askedAt }) => <When at={askedAt} /> },
            {
              key: 'actions',
              header: '',
              align: 'number',
              cell: (session) => <SessionActions session={session} tenant={session.tenant} />,
            },
          ]}
        />
      )}
      {isAsking && <AskDialog tenantId={tenantId} onClose={() => setAsking(false)} />}
    </section>
  )
}

function AskDialog({ tenantId, onClose }: { tenantId: string; onClose: () => void }) {
  const t = useText()
  const say = useToast()
  const ask = async ({ member = '', ticket = '', reason = '', minutes = '' }: Record<string, string>) => {
    const body = { member, ticket, reason, minutes: Number(minutes) }
    const params = { path: { id: tenantId } }
    const { state } = required(await api.POST('/api/v1/staff/tenants/{id}/support-sessions', { params, body }))
    await queryClient.invalidateQueries({ queryKey: ['staff'] })
    say(t(state === 'open' ? 'support.isOpen' : 'support.isAsked'))
    onClose()
  }
  return (
    <Dialog open onClose={onClose} title={t('support.ask')}>
      <Form onSubmit={ask} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <p>{t('support.askHelp')}</p>
              <TextField
                name="member"
                type="email"
                label={t('support.member')}
                help={t('support.memberHelp')}
                maxLength={254}
                autoComplete="off"
                required
              />
              <TextField name="ticket" label={t('support.ticket')} maxLength={100} autoComplete="off" required />
              <TextField
                name="reason"
                label={t('support.reason')}
                help={t('support.reasonHelp')}
                maxLength={500}
                required
              />
              <SelectField
                name="minutes"
                label={t('support.length')}
                defaultValue={30}
                options={lengths.map((minutes) => [String(minutes), t('support.minutes', { count: minutes })])}
              />
            </div>
            <FormActions save={t('support.ask')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}
