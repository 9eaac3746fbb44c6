import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { When } from '#ui/date.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import type { Report } from './fleet-report.ts'
import { ReasonDialog } from './reason-dialog.tsx'

type Hold = NonNullable<Report['hold']>

/** Why nothing is migrated at the moment, and the way out. */
export function HeldBanner({ hold, onResume }: { hold: Hold; onResume: () => void }) {
  const t = useText()
  const { reason, since, heldBy } = hold
  return (
    <Banner>
      <div className="banner-with-action">
        <div>
          <b>{t('fleet.paused', { reason })}</b>
          <p className="quiet">
            <When at={since} />, {heldBy === null ? t('fleet.pausedByCommand') : t('fleet.pausedBy', { name: heldBy })}
          </p>
        </div>
        <Button size="small" onClick={onResume}>
          {t('fleet.resume')}
        </Button>
      </div>
    </Banner>
  )
}

const send = {
  pause: (reason: string) => api.POST('/api/v1/staff/fleet/pause', { body: { reason } }),
  resume: (reason: string) => api.POST('/api/v1/staff/fleet/resume', { body: { reason } }),
}

/** Asks why migrations are paused, or may go on. */
export function HoldDialog({ action, onClose }: { action: keyof typeof send; onClose: () => void }) {
  const t = useText()
  const say = useToast()
  const save = async (reason: string) => {
    await send[action](reason)
    say(t(`fleet.${action}.done`))
    onClose()
    await queryClient.invalidateQueries({ queryKey: ['staff', 'fleet'] })
  }
  return (
    <ReasonDialog
      title={t(`fleet.${action}.title`)}
      help={t(`fleet.${action}.help`)}
      reasonHelp={t(`fleet.${action}.reasonHelp`)}
      verb={t(`fleet.${action}`)}
      onSave={save}
      onClose={onClose}
    />
  )
}
