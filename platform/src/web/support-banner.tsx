import { useQuery } from '@tanstack/react-query'
import { Eye, PencilLine, Shield } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '#ui/button.tsx'
import { useNowMs } from '#ui/date.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure, required } from './api.ts'
import { leaveSupport, minutesLeft, type SupportTab, supportHere } from './door.ts'
import { queryClient } from './query-client.ts'
import { useTenant } from './session.ts'

/** On every page of the workspace while one of the staff looks into it. Absent for everybody else. */
export function SupportBanner() {
  const tab = supportHere()
  return tab && <Bar tab={tab} />
}

const askedEveryMs = 10_000

function Bar({ tab }: { tab: SupportTab }) {
  const t = useText()
  const { name: tenant } = useTenant()
  const nowMs = useNowMs()
  const [isRaising, setRaising] = useState(false)
  const at = { params: { path: { id: tab.tenantId, sessionId: tab.id } } }
  const { data } = useQuery({
    queryKey: ['support', tab.id],
    queryFn: async () => required(await api.GET('/api/v1/staff/tenants/{id}/support-sessions/{sessionId}', at)),
    refetchInterval: askedEveryMs,
  })
  const mayWrite = data?.mayWrite ?? false
  // What the pages offer goes by it.
  useEffect(() => {
    if (mayWrite) void queryClient.invalidateQueries({ queryKey: ['tenant'] })
  }, [mayWrite])
  const isOver = data?.state === 'ended'
  useEffect(() => {
    if (isOver) leaveSupport(tab.tenantId)
  }, [isOver, tab.tenantId])
  const stop = async () => {
    await api.POST('/api/v1/staff/tenants/{id}/support-sessions/{sessionId}/end', at)
    leaveSupport(tab.tenantId)
  }
  const minutes = data ? minutesLeft(data, nowMs) : 0
  const mode = mayWrite ? 'change' : data?.raiseReason == null ? 'read' : 'asked'
  return (
    <>
      <section className="support-bar" aria-label={t('shell.support.stamp')}>
        <span className="stamp">
          <Shield size={14} aria-hidden />
          {t('shell.support.stamp')}
        </span>
        <span className="words">
          {data && t('shell.support.as', { member: data.member.name, tenant })}{' '}
          <small>
            {mode === 'change' ? <PencilLine size={14} aria-hidden /> : <Eye size={14} aria-hidden />}
            {t(`shell.support.${mode}`)} · {t('shell.support.minutes', { count: minutes })}
          </small>
        </span>
        {mode === 'read' && (
          <Button size="small" tone="bare" onClick={() => setRaising(true)}>
            {t('shell.support.raise')}
          </Button>
        )}
        <Button size="small" onClick={() => void stop()}>
          {t('shell.support.stop')}
        </Button>
      </section>
      {isRaising && <RaiseDialog tab={tab} onClose={() => setRaising(false)} />}
    </>
  )
}

function RaiseDialog({ tab, onClose }: { tab: SupportTab; onClose: () => void }) {
  const t = useText()
  const raise = async ({ reason = '' }: Record<string, string>) => {
    const params = { path: { id: tab.tenantId, sessionId: tab.id } }
    await api.POST('/api/v1/staff/tenants/{id}/support-sessions/{sessionId}/raise', { params, body: { reason } })
    await queryClient.invalidateQueries({ queryKey: ['support'] })
    onClose()
  }
  return (
    <Dialog open onClose={onClose} title={t('shell.support.raiseTitle')}>
      <Form onSubmit={raise} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <p>{t('shell.support.raiseHelp')}</p>
              <TextField name="reason" label={t('shell.support.raiseReason')} maxLength={500} required />
            </div>
            <FormActions save={t('shell.support.raise')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}
