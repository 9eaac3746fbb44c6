import { useSyncExternalStore } from 'react'
import { useLanguage } from './text.tsx'

const units: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, ms: number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]
const relativeForDays = 7
const refreshMs = 30_000

/** One clock for all of a page's relative times, so that "a minute ago" stays true while the page stays open. */
let nowMs = Date.now()
const clockReaders = new Set<() => void>()
setInterval(() => {
  nowMs = Date.now()
  for (const read of clockReaders) read()
}, refreshMs)

/** The time, at most half a minute old. */
export function useNowMs(): number {
  return useSyncExternalStore(
    (read) => {
      clockReaders.add(read)
      return () => clockReaders.delete(read)
    },
    () => nowMs,
  )
}

/** Today's date here, as `2026-11-21`. */
export function useToday(): string {
  return dayOf(useNowMs())
}

/** The date of an instant here, as `2026-11-21`. */
export function dayOf(instant: string | number): string {
  // Swedes write dates as ISO 8601 does.
  return new Date(instant).toLocaleDateString('sv')
}

/** An instant as people say it, with the exact one on hover: "2 hours ago", or the day once that is a week away. */
export function When({ at }: { at: string }) {
  const { region } = useLanguage()
  const now = useNowMs()
  const instant = new Date(at)
  const exact = instant.toLocaleString(region, { dateStyle: 'long', timeStyle: 'long' })
  return (
    <time dateTime={at} title={exact}>
      {relative(instant.getTime() - now, region) ??
        instant.toLocaleDateString(region, { day: 'numeric', month: 'short', year: 'numeric' })}
    </time>
  )
}

function relative(differenceMs: number, region: string): string | undefined {
  if (Math.abs(differenceMs) > relativeForDays * 86_400_000) return undefined
  const [unit, ms] = units.find(([, each]) => Math.abs(differenceMs) >= each) ?? ['minute', 60_000]
  return new Intl.RelativeTimeFormat(region, { numeric: 'auto' }).format(Math.round(differenceMs / ms), unit)
}

/** A calendar day, which belongs to no time zone. */
export function Day({ on }: { on: string }) {
  const { region } = useLanguage()
  const text = new Date(`${on}T00:00:00Z`).toLocaleDateString(region, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  })
  return <time dateTime={on}>{text}</time>
}
