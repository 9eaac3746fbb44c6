import { useNowMs, When } from '#ui/date.tsx'
import { Status } from '#ui/status.tsx'
import { useText } from '#ui/text.tsx'

/** When something ends, or that it has. */
export function End({ at }: { at: string | null }) {
  const t = useText()
  const nowMs = useNowMs()
  if (at === null) return t('access.noEnd')
  if (Date.parse(at) <= nowMs) return <Status look="warn">{t('access.ended')}</Status>
  return <When at={at} />
}
