import { useQuery } from '@tanstack/react-query'
import { useText } from '#ui/text.tsx'
import { useTenant } from '#web/session.ts'
import { type Assignment, teamsQuery } from './access-queries.ts'
import { recordKinds, useRecordName } from './record-kinds.ts'

type Scope = Pick<Assignment, 'scopeKind' | 'scopeResource' | 'scopeId'>

/** How far an assignment reaches: everywhere, on a team, on one record. */
export function ScopeWords({ of: { scopeKind, scopeResource, scopeId } }: { of: Scope }) {
  const t = useText()
  if (scopeKind === 'tenant') return t('access.everywhere')
  if (scopeKind === 'team') return <TeamWords id={scopeId ?? ''} />
  return <RecordWords resource={scopeResource ?? ''} id={scopeId ?? ''} />
}

function TeamWords({ id }: { id: string }) {
  const t = useText()
  const { slug } = useTenant()
  const { data = [] } = useQuery(teamsQuery(slug))
  return t('access.onTeam', { name: data.find((team) => team.id === id)?.name ?? '…' })
}

function RecordWords({ resource, id }: { resource: string; id: string }) {
  const t = useText()
  const name = useRecordName(resource, id)
  const kind = recordKinds.find((each) => each.resource === resource)
  return t('access.onRecord', { kind: kind ? t(kind.text) : resource, name: name ?? '…' })
}
