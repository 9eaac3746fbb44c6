import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { operations } from '#client/generated/schema.d.ts'
import { When } from '#ui/date.tsx'
import { ConfirmDialog } from '#ui/dialog.tsx'
import { RowMenu } from '#ui/menu.tsx'
import { Person } from '#ui/people.tsx'
import { Table } from '#ui/table.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, problemOf } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import { membersQuery, useMay, useMe, useTenant } from '#web/session.ts'

type TeamPerson = operations['teams.read']['responses'][200]['content']['application/json']['people'][number]

interface NamedPerson extends TeamPerson {
  readonly name: string
  readonly email: string
}

/** Who is in a team; its leads change that, and everybody may leave. */
export function TeamPeople({
  teamId,
  people,
  leads,
}: {
  teamId: string
  people: readonly TeamPerson[]
  leads: boolean
}) {
  const t = useText()
  const { slug } = useTenant()
  const { id: userId } = useMe()
  const { data: members = [] } = useQuery(membersQuery(slug))
  const named = people.map((person): NamedPerson => {
    const { name = t('access.unnamed'), email = '' } =
      members.find((member) => member.userId === person.principalId) ?? {}
    return { ...person, name, email }
  })
  return (
    <Table
      caption={t('access.teamMembers')}
      rows={named}
      rowKey={({ principalId }) => principalId}
      columns={[
        {
          key: 'name',
          header: t('access.name'),
          cell: (person) => <PersonOf person={person} />,
        },
        {
          key: 'part',
          header: t('access.part'),
          cell: ({ isLead }) => t(isLead ? 'access.lead' : 'access.member'),
        },
        {
          key: 'added',
          header: t('access.since'),
          align: 'number',
          cell: ({ addedAt }) => <When at={addedAt} />,
        },
        {
          key: 'acts',
          header: t('ui.actions'),
          align: 'acts',
          cell: (person) =>
            (leads || person.principalId === userId) && <PersonMenu teamId={teamId} person={person} leads={leads} />,
        },
      ]}
    />
  )
}

/** Leads to their roles, for whoever may see them. */
function PersonOf({ person: { principalId, name, email } }: { person: NamedPerson }) {
  const { slug } = useTenant()
  const may = useMay()
  const person = <Person name={name} email={email} />
  return may('role:read') ? <Link to={`/o/${slug}/members/${principalId}`}>{person}</Link> : person
}

function PersonMenu({ teamId, person, leads }: { teamId: string; person: NamedPerson; leads: boolean }) {
  const t = useText()
  const say = useToast()
  const [asking, setAsking] = useState(false)
  const { name, principalId, isLead } = person
  const params = { path: { id: teamId, principalId } }
  const act = async (done: string, change: () => Promise<unknown>) => {
    try {
      await change()
      say(done)
    } catch (failure) {
      say(problemOf(failure).detail)
    }
    await queryClient.invalidateQueries({ queryKey: ['teams'] })
  }
  const lead = () =>
    act(t(isLead ? 'access.leadsNoMore' : 'access.leadsNow', { name }), () =>
      api.PATCH('/api/v1/teams/{id}/members/{principalId}', { params, body: { isLead: !isLead } }),
    )
  const remove = () =>
    act(t('access.removedFromTeam', { name }), () => api.DELETE('/api/v1/teams/{id}/members/{principalId}', { params }))
  return (
    <>
      <RowMenu of={name}>
        {leads && (
          <button type="button" onClick={() => void lead()}>
            {t(isLead ? 'access.unmakeLead' : 'access.makeLead')}
          </button>
        )}
        <button type="button" className="bad" onClick={() => setAsking(true)}>
          {t('access.removeFromTeam')}
        </button>
      </RowMenu>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('access.removeFromTeamTitle', { name })}
        consequence={t('access.removeFromTeamHelp')}
        action={t('access.removeFromTeam')}
        busy={false}
        onConfirm={() => {
          setAsking(false)
          void remove()
        }}
      />
    </>
  )
}
