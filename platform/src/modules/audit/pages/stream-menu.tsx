import { useState } from 'react'
import type { operations } from '#client/generated/schema.d.ts'
import { ConfirmDialog } from '#ui/dialog.tsx'
import { RowMenu } from '#ui/menu.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import { SecretDialog } from './secret-dialog.tsx'
import { StreamDialog } from './stream-dialog.tsx'

export type Stream = operations['auditStreams.list']['responses'][200]['content']['application/json']['items'][number]

/** What can be done with a stream. */
export function StreamMenu({ of: stream }: { of: Stream }) {
  const t = useText()
  const say = useToast()
  const [asking, setAsking] = useState<'delete' | 'rotate' | 'edit'>()
  const [secret, setSecret] = useState<string>()
  const { id, name, state } = stream
  const params = { path: { id } }
  const act = async (work: () => Promise<unknown>) => {
    setAsking(undefined)
    await work().catch((error: unknown) => say(problemOf(error).detail))
    await queryClient.invalidateQueries({ queryKey: ['audit-streams'] })
  }
  const rotate = async () =>
    setSecret(required(await api.POST('/api/v1/audit-streams/{id}/rotate-secret', { params })).secret)
  const confirmations = {
    rotate: { action: t('audit.rotate'), consequence: t('audit.rotateHelp'), work: rotate },
    delete: {
      action: t('audit.delete'),
      consequence: t('audit.deleteHelp'),
      work: () => api.DELETE('/api/v1/audit-streams/{id}', { params }),
    },
  }
  const confirmation = asking === 'rotate' || asking === 'delete' ? confirmations[asking] : undefined
  return (
    <>
      <RowMenu of={name}>
        <button type="button" onClick={() => void act(() => api.POST('/api/v1/audit-streams/{id}/test', { params }))}>
          {t('audit.sendTest')}
        </button>
        {state === 'active' && (
          <button
            type="button"
            onClick={() => void act(() => api.POST('/api/v1/audit-streams/{id}/pause', { params }))}
          >
            {t('audit.pause')}
          </button>
        )}
        <button type="button" onClick={() => void act(() => api.POST('/api/v1/audit-streams/{id}/resume', { params }))}>
          {t(state === 'active' ? 'audit.tryNow' : 'audit.resume')}
        </button>
        <button type="button" onClick={() => setAsking('edit')}>
          {t('audit.edit')}
        </button>
        <button type="button" onClick={() => setAsking('rotate')}>
          {t('audit.rotate')}
        </button>
        <button type="button" onClick={() => setAsking('delete')}>
          {t('audit.delete')}
        </button>
      </RowMenu>
      <StreamDialog open={asking === 'edit'} stream={stream} onClose={() => setAsking(undefined)} />
      <ConfirmDialog
        open={confirmation !== undefined}
        onClose={() => setAsking(undefined)}
        title={name}
        consequence={confirmation?.consequence ?? ''}
        action={confirmation?.action ?? ''}
        busy={false}
        onConfirm={() => confirmation && void act(confirmation.work)}
      />
      <SecretDialog secret={secret} onDone={() => setSecret(undefined)} />
    </>
  )
}
