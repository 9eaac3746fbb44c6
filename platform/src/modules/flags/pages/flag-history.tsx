import { useQuery } from '@tanstack/react-query'
import { ChevronDown } from 'lucide-react'
import { useState } from 'react'
import { When } from '#ui/date.tsx'
import { Diff } from '#ui/diff.tsx'
import { ErrorState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { api, problemOf, required } from '#web/api.ts'
import type { Flag } from './flag-words.tsx'

type Fields = Readonly<Record<string, unknown>>

const shownMax = 25
const rules = ['state', 'roles', 'plans', 'percentage', 'startsAt', 'endsAt']

/** Who changed the rules of a flag, when, why and how, the latest first; read once somebody opens it. */
export function FlagHistory({ of: { id, key } }: { of: Flag }) {
  const t = useText()
  const [isOpen, setOpen] = useState(false)
  const { data, error, refetch } = useQuery({
    queryKey: ['staff', 'flags', key, 'history'],
    queryFn: async () => {
      const query = { resourceId: id, limit: shownMax }
      return required(await api.GET('/api/v1/staff/actions', { params: { query } })).items
    },
    enabled: isOpen,
  })
  return (
    <details className="group" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <ChevronDown size={14} aria-hidden />
        {t('flags.history')}
      </summary>
      {error && <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />}
      {isOpen && !error && !data && <span className="skeleton" />}
      <ol className="history">
        {data?.map(({ id: action, at, actorName, reason, before, after }) => (
          <li key={action}>
            <span>
              <When at={at} /> {actorName ? t('flags.changedBy', { name: actorName }) : t('flags.byCommand')}
            </span>
            <span className="quiet" dir="auto">
              {reason}
            </span>
            <Diff before={rulesIn(before)} after={rulesIn(after)} />
          </li>
        ))}
      </ol>
      <p className="help">{t(data?.length === 0 ? 'flags.historyNone' : 'flags.historyHelp')}</p>
    </details>
  )
}

function rulesIn(record: Fields | null): Fields | null {
  return record && Object.fromEntries(rules.map((name) => [name, record[name]]))
}
