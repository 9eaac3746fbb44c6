import { Day } from './date.tsx'

export interface DayBar {
  /** `2026-11-21` */
  readonly day: string
  readonly value: number
}

/**
 * One number for each of some days, the oldest first, as bars on one scale from nothing. Only the label is read aloud: the
 * numbers themselves belong into a table beside it.
 */
export function DayBars({ label, bars }: { label: string; bars: readonly DayBar[] }) {
  const highest = Math.max(...bars.map(({ value }) => value)) || 1
  const [first] = bars
  const last = bars.at(-1)
  return (
    <div className="day-bars">
      <p className="unseen">{label}</p>
      <div className="bars" aria-hidden>
        {bars.map(({ day, value }) => (
          <span key={day} style={{ height: `${(value / highest) * 100}%` }} />
        ))}
      </div>
      <div className="ends" aria-hidden>
        {first && <Day on={first.day} />}
        {last && <Day on={last.day} />}
      </div>
    </div>
  )
}
