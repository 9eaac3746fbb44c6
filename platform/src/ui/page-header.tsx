import type { ReactNode } from 'react'

/** The head of a page: where it is, its title in serif, what can be done. */
export function PageHeader({
  crumbs,
  title,
  children,
  actions,
}: {
  crumbs?: ReactNode
  title: string
  children?: ReactNode
  actions?: ReactNode
}) {
  return (
    <header className="page-header">
      <div>
        {crumbs !== undefined && <div className="crumbs">{crumbs}</div>}
        <h1>{title}</h1>
        {children !== undefined && <p>{children}</p>}
      </div>
      {actions !== undefined && <div className="row">{actions}</div>}
    </header>
  )
}
