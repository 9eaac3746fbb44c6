import type { ReactNode } from 'react'

/** Views of one page: links, of which one is the current page. */
export function Tabs({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav className="tabs" aria-label={label}>
      {children}
    </nav>
  )
}
