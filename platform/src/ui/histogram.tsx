import type { ReactNode } from 'react'
import { useLanguage } from './text.tsx'

export interface Bar {
  readonly key: string
  /** What is counted here: text, with a Status beside it where it matters. */
  readonly name: ReactNode
  readonly count: number
  /** Whether these are where they should be, late, or wrong; absent where that is not the question. */
  readonly tone?: 'good' | 'warn' | 'bad'
}

const skeletonBars = 3

/** How many of each there are, as bars on one scale with their numbers. Undefined while they are being loaded. */
export function Histogram({ label, bars }: { label: string; bars: readonly Bar[] | undefined }) {
  const { region } = useLanguage()
  const longest = Math.max(1, ...(bars ?? []).map(({ count }) => count))
  return (
    <ul className="histogram" aria-label={label} aria-busy={bars === undefined}>
      {bars?.map(({ key, name, count, tone }) => (
        <li key={key} className={tone}>
          <span className="name">{name}</span>
          <span className="bar" aria-hidden style={{ width: `${(count / longest) * 100}%` }} />
          <span className="count">{count.toLocaleString(region)}</span>
        </li>
      )) ??
        Array.from({ length: skeletonBars }, (_, line) => (
          <li key={line}>
            <span className="skeleton" />
          </li>
        ))}
    </ul>
  )
}
