import { useLanguage } from './text.tsx'

export interface Reading {
  /** Read aloud: `Reads: 4,810 of 6,000`. */
  readonly label: string
  readonly used: number
  readonly limit: number
  /** From here on it is worth a warning. */
  readonly warnsAt: number
}

const marks = [0, 0.25, 0.5, 0.75, 1]
const smallMarks = 20

/** How much of a limit is used, on a ruler: the needle stands where it is, a line where the warning begins. */
export function Ruler({ label, used, limit, warnsAt }: Reading) {
  const { region } = useLanguage()
  const part = (value: number) => `${Math.min(1, limit === 0 ? 1 : value / limit) * 100}%`
  const tone = used >= limit ? 'bad' : used >= warnsAt ? 'warn' : ''
  return (
    <div className={`ruler ${tone}`}>
      <meter className="unseen" min={0} max={limit} high={warnsAt} value={Math.min(used, limit)} aria-label={label} />
      <div className="scale" aria-hidden>
        <span className="used" style={{ width: part(used) }} />
        <span className="line" style={{ left: part(warnsAt) }} />
        <span className="needle" style={{ left: part(used) }} />
        {Array.from({ length: smallMarks + 1 }, (_, at) => (
          <span key={at} className="mark" style={{ left: `${(at / smallMarks) * 100}%` }} />
        ))}
      </div>
      <div className="figures" aria-hidden>
        {marks.map((mark) => (
          <span key={mark} style={{ left: `${mark * 100}%` }}>
            {Math.round(limit * mark).toLocaleString(region, { notation: 'compact' })}
          </span>
        ))}
      </div>
    </div>
  )
}
