import type { StatusLook } from './status.tsx'

/** How much of it is done, as a line and a number. */
export function Progress({
  done,
  total,
  look = 'going',
  label,
}: {
  done: number
  total: number
  look?: StatusLook
  label: string
}) {
  const percent = total === 0 ? 0 : Math.round((done / total) * 100)
  return (
    <span className={`progress ${look}`}>
      <progress max={100} value={percent} aria-label={label} />
      <span className="percent">{percent}%</span>
    </span>
  )
}
