import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Plus, UsersRound } from 'lucide-react'
import { Button } from '#ui/button.tsx'
import { When } from '#ui/date.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { api, required } from '#web/api.ts'
import { useAddressState, useListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'
import { useMay, useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { TeamDialog } from './team-dialog.tsx'

export default function TeamsPage() {
  const t = useText()
  const tenant = useTenant()
  const may = useMay()
  const navigate = useNavigate()
  const address = useAddressState()
  const state = useListState<'name' | '-name' | 'createdAt' | '-createdAt'>('name')
  useTitle(t('access.teams'), tenant.name)
  const result = useQuery({
    queryKey: ['teams', tenant.slug, state.query],
    queryFn: async () => required(await api.GET('/api/v1/teams', { params: { query: state.query } })),
    placeholderData: keepPreviousData,
  })
  const create = may('team:create') && (
    <Button tone="primary" icon={<Plus size={16} aria-hidden />} onClick={() => address.set({ open: 'new' })}>
      {t('access.newTeam')}
    </Button>
  )
  return (
    <>
      <PageHeader title={t('access.teams')} actions={create}>
        {t('access.teamsHelp')}
      </PageHeader>
      <ListView
        caption={t('access.teams')}
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
        empty={
          <EmptyState icon={<UsersRound size={20} aria-hidden />} title={t('access.noTeams')} action={create}>
            {t('access.teamsHelp')}
          </EmptyState>
        }
      />
      <TeamDialog
        open={address.values['open'] === 'new'}
        onClose={() => address.set({ open: undefined })}
        onSaved={({ id }) => void navigate({ to: `/o/${tenant.slug}/teams/${id}` })}
      />
    </>
  )
}
