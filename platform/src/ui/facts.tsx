import type { ReactNode } from 'react'

/** The main facts of a record, in a strip across its page or as lines of a sheet. */
export function Facts({
  entries,
  lines = false,
}: {
  entries: readonly (readonly [name: string, value: ReactNode])[]
  lines?: boolean
}) {
  return (
    <dl className={lines ? 'facts-lines' : 'facts'}>
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
