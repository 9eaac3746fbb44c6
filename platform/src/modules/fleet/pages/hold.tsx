import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { When } from '#ui/date.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import type { Report } from './fleet-report.ts'

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
  const save = async ({ reason = '' }: Record<string, string>) => {
    await send[action](reason)
    say(t(`fleet.${action}.done`))
    onClose()
    await queryClient.invalidateQueries({ queryKey: ['staff', 'fleet'] })
  }
  return (
    <Dialog open onClose={onClose} title={t(`fleet.${action}.title`)}>
      <Form onSubmit={save} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <p>{t(`fleet.${action}.help`)}</p>
              <TextField
                name="reason"
                label={t('fleet.reason')}
                help={t(`fleet.${action}.reasonHelp`)}
                maxLength={500}
                required
              />
            </div>
            <FormActions save={t(`fleet.${action}`)} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}
