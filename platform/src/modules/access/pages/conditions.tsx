import { Plus, X } from 'lucide-react'
import { Button } from '#ui/button.tsx'
import { useText } from '#ui/text.tsx'
import type { Clause, Condition } from './access-queries.ts'
import { useClauseWords } from './condition-words.ts'

/** The conditions of a role's permissions in words; each clause can be taken away. */
export function Conditions({
  conditions,
  readOnly,
  onAdd,
  onChange,
}: {
  conditions: ReadonlyMap<string, Condition>
  readOnly: boolean
  onAdd: () => void
  onChange: (conditions: ReadonlyMap<string, Condition>) => void
}) {
  const t = useText()
  const wordsOf = useClauseWords()
  if (readOnly && conditions.size === 0) return null
  const without = (permission: string, clause: Clause) => {
    const left = conditions.get(permission)?.filter((each) => each !== clause) ?? []
    const next = new Map(conditions)
    if (left.length > 0) next.set(permission, left)
    else next.delete(permission)
    onChange(next)
  }
  return (
    <section className="section stack">
      <div className="section-head">
        <h2>{t('access.conditions')}</h2>
        {!readOnly && (
          <Button size="small" icon={<Plus size={14} aria-hidden />} onClick={onAdd}>
            {t('access.addCondition')}
          </Button>
        )}
      </div>
      <p className="quiet">{t('access.conditionsHelp')}</p>
      {[...conditions].map(([permission, clauses]) => (
        <div key={permission} className="stack">
          <span className="mono">{permission}</span>
          <ul>
            {clauses.map((clause) => (
              <li key={wordsOf(clause)} className="row">
                <span>{wordsOf(clause)}</span>
                {!readOnly && (
                  <Button
                    tone="bare"
                    size="small"
                    icon={<X size={14} aria-hidden />}
                    aria-label={t('access.removeClause', { permission, clause: wordsOf(clause) })}
                    onClick={() => without(permission, clause)}
                  />
                )}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  )
}
