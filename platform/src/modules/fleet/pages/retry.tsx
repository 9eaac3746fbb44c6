import type { operations } from '#client/generated/schema.d.ts'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, required } from '#web/api.ts'
import { ReasonDialog } from './reason-dialog.tsx'

export type Target = operations['fleetTargets.list']['responses'][200]['content']['application/json']['items'][number]

/** What its tenant is called, or what the command line calls a target that is everybody's. */
export function nameOf({ name, tenant }: Target): string {
  return tenant?.name || name
}

interface RetryDialogProps {
  /** Absent: all that failed. */
  readonly target: Target | undefined
  /** How many these are. */
  readonly failed: number
  /** What comes of it is seen by watching. */
  readonly watch: () => Promise<void>
  readonly onClose: () => void
}

/** Asks why one target, or all that failed, are tried again. */
export function RetryDialog({ target, failed, watch, onClose }: RetryDialogProps) {
  const t = useText()
  const say = useToast()
  const send = async (reason: string) => {
    if (target) {
      const params = { path: { id: target.id } }
      await api.POST('/api/v1/staff/fleet/targets/{id}/retry', { params, body: { reason } })
      return t('fleet.retried', { name: nameOf(target) })
    }
    const { targets } = required(await api.POST('/api/v1/staff/fleet/retry', { body: { reason } }))
    return t('fleet.retriedAll', { count: targets })
  }
  const save = async (reason: string) => {
    say(await send(reason))
    onClose()
    await watch()
  }
  return (
    <ReasonDialog
      title={target ? t('fleet.retry.title', { name: nameOf(target) }) : t('fleet.retryAll.title', { count: failed })}
      help={t(target ? 'fleet.retry.help' : 'fleet.retryAll.help')}
      reasonHelp={t('fleet.retry.reasonHelp')}
      verb={t('fleet.retry')}
      onSave={save}
      onClose={onClose}
    />
  )
}
