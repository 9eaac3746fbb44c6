import { Circle, CircleAlert, CircleCheck, CircleDashed, CircleDot, CirclePause, TriangleAlert } from 'lucide-react'

const looks = {
  planned: [CircleDashed, ''],
  going: [CircleDot, ''],
  good: [CircleCheck, 'good'],
  warn: [TriangleAlert, 'warn'],
  bad: [CircleAlert, 'bad'],
  open: [Circle, ''],
  paused: [CirclePause, ''],
} as const

export type StatusLook = keyof typeof looks

/** A state: shape first, then word, then colour. */
export function Status({ look, children }: { look: StatusLook; children: string }) {
  const [Icon, tone] = looks[look]
  return (
    <span className={`status ${tone}`}>
      <Icon size={14} aria-hidden />
      {children}
    </span>
  )
}
