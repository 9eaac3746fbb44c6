import type { ReactNode } from 'react'
import { useTitle } from './title.ts'

/** The layout of pages without an organisation: one column in the middle. */
export function SignedOut({ title, children }: { title: string; children: ReactNode }) {
  useTitle(title)
  return (
    <div className="signed-out">
      <main>
        <div className="brand">
          <span className="seal" aria-hidden>
            A
          </span>
          Atlas
        </div>
        <h1>{title}</h1>
        {children}
      </main>
    </div>
  )
}
