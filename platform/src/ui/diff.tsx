import { useText } from './text.tsx'

type Fields = Readonly<Record<string, unknown>>

/** What changed between two states of a record, field by field; either may be absent. */
export function Diff({ before, after }: { before: Fields | null; after: Fields | null }) {
  const t = useText()
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  const changed = names.filter((name) => shown(before?.[name]) !== shown(after?.[name]))
  if (changed.length === 0) return <p className="quiet">{t('ui.unchanged')}</p>
  return (
    <table className="diff">
      <thead>
        <tr>
          <th scope="col">{t('ui.field')}</th>
          <th scope="col">{t('ui.before')}</th>
          <th scope="col">{t('ui.after')}</th>
        </tr>
      </thead>
      <tbody>
        {changed.map((name) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className={before?.[name] === undefined ? '' : 'removed'}>{shown(before?.[name])}</td>
            <td className={after?.[name] === undefined ? '' : 'added'}>{shown(after?.[name])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function shown(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
