import { useText } from './text.tsx'

type Fields = Readonly<Record<string, unknown>>

/** What changed between two states of a record, field by field; either may be absent. */
export function Diff({ before, after }: { before: Fields | null; after: Fields | null }) {
  const t = useText()
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  const changed = names.filter((name) => shown(before?.[name]) !== shown(after?.[name]))
  if (changed.length === 0) return <p className="quiet">{t('ui.unchanged')}</p>
  return (
    <dl className="diff">
      {changed.map((name) => (
        <div key={name}>
          <dt>{name}</dt>
          <Side sign="−" word={t('ui.before')} className="removed" value={before?.[name]} />
          <Side sign="+" word={t('ui.after')} className="added" value={after?.[name]} />
        </div>
      ))}
    </dl>
  )
}

/** A sign and a word beside the colour, for who cannot tell the two apart; nothing for a value that is not there. */
function Side({ sign, word, className, value }: { sign: string; word: string; className: string; value: unknown }) {
  if (value === undefined || value === null || value === '') return null
  return (
    <dd className={className}>
      <span aria-hidden>{sign}</span>
      <span className="unseen">{word}:</span>
      <span dir="auto">{shown(value)}</span>
    </dd>
  )
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
