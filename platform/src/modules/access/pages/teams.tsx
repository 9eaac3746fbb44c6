import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { UsersRound } from 'lucide-react'
import { When } from '#ui/date.tsx'
import { useText } from '#ui/text.tsx'
import { api, required } from '#web/api.ts'
import { ListPage } from '#web/list-page.tsx'
import { useListState } from '#web/list-state.ts'
import { useTenant } from '#web/session.ts'
import { TeamDialog } from './team-dialog.tsx'

export default function TeamsPage() {
  const t = useText()
  const tenant = useTenant()
  const navigate = useNavigate()
  const state = useListState<'name' | '-name' | 'createdAt' | '-createdAt'>('name')
  const result = useQuery({
    queryKey: ['teams', tenant.slug, state.query],
    queryFn: async () => required(await api.GET('/api/v1/teams', { params: { query: state.query } })),
    placeholderData: keepPreviousData,
  })
  return (
    <ListPage
      title={t('access.teams')}
      help={t('access.teamsHelp')}
      create={{ permission: 'team:create', text: t('access.newTeam') }}
      dialog={(layer) => (
        <TeamDialog {...layer} onSaved={({ id }) => void navigate({ to: `/o/${tenant.slug}/teams/${id}` })} />
      )}
      state={state}
      result={result}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'name',
          header: t('access.name'),
          sort: 'name',
          cell: ({ id, name }) => <Link to={`/o/${tenant.slug}/teams/${id}`}>{name}</Link>,
        },
        { key: 'description', header: t('access.description'), cell: ({ description }) => description },
        {
          key: 'members',
          header: t('access.teamMembers'),
          cell: ({ members }) => t('access.memberCount', { count: members }),
        },
        {
          key: 'created',
          header: t('access.created'),
          align: 'number',
          sort: 'createdAt',
          cell: ({ createdAt }) => <When at={createdAt} />,
        },
      ]}
      empty={{ icon: <UsersRound size={20} aria-hidden />, title: t('access.noTeams'), help: t('access.teamsHelp') }}
    />
  )
}
