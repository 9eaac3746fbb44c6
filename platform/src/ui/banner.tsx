import { CircleAlert, Info } from 'lucide-react'
import type { ReactNode } from 'react'

/** A message that stays: a failure is announced at once, anything else when the reader gets there. */
export function Banner({ tone = 'plain', children }: { tone?: 'plain' | 'good' | 'bad'; children: ReactNode }) {
  const Icon = tone === 'bad' ? CircleAlert : Info
  return (
    <div className={`banner ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon size={16} aria-hidden />
      <div>{children}</div>
    </div>
  )
}
