import { useLanguage } from './text.tsx'

const units: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, ms: number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]
const relativeForDays = 7

/** An instant as people say it, with the exact one on hover: "2 hours ago", or the day once that is a week away. */
export function When({ at }: { at: string }) {
  const { locale } = useLanguage()
  const instant = new Date(at)
  const exact = instant.toLocaleString(locale, { dateStyle: 'long', timeStyle: 'long' })
  return (
    <time dateTime={at} title={exact}>
      {relative(instant.getTime() - Date.now(), locale) ?? instant.toLocaleDateString(locale, { day: 'numeric', month: 'short', year: 'numeric' })}
    </time>
  )
}

function relative(differenceMs: number, locale: string): string | undefined {
  if (Math.abs(differenceMs) > relativeForDays * 86_400_000) return undefined
  const [unit, ms] = units.find(([, each]) => Math.abs(differenceMs) >= each) ?? ['minute', 60_000]
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.round(differenceMs / ms), unit)
}

/** A calendar day, which belongs to no time zone. */
export function Day({ on }: { on: string }) {
  const { locale } = useLanguage()
  const text = new Date(`${on}T00:00:00Z`).toLocaleDateString(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
  return <time dateTime={on}>{text}</time>
}
