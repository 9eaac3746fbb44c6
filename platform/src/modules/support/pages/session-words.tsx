import type { operations } from '#client/generated/schema.d.ts'
import { useNowMs } from '#ui/date.tsx'
import { Status } from '#ui/status.tsx'
import { useText } from '#ui/text.tsx'
import { minutesLeft } from '#web/door.ts'

export type SupportSession =
  operations['supportSessions.list']['responses'][200]['content']['application/json']['items'][number]

/** How a session stands, shape and word first. */
export function SessionState({ of: session }: { of: SupportSession }) {
  const t = useText()
  const minutes = minutesLeft(session, useNowMs())
  const { state, mayWrite, raiseReason, endedBy } = session
  if (state === 'waiting') return <Status look="warn">{t('support.waiting')}</Status>
  if (state === 'ended') return <Status look="planned">{t(`support.ended.${endedBy ?? 'time'}`)}</Status>
  if (mayWrite) return <Status look="bad">{t('support.changing', { count: minutes })}</Status>
  if (raiseReason !== null) return <Status look="warn">{t('support.wantsToChange', { count: minutes })}</Status>
  return <Status look="going">{t('support.reading', { count: minutes })}</Status>
}

/** Why: the ticket, and the words. */
export function SessionReason({ of: { ticket, reason, raiseReason } }: { of: SupportSession }) {
  return (
    <>
      <span className="mono">{ticket}</span> {reason}
      {raiseReason !== null && <> · {raiseReason}</>}
    </>
  )
}
