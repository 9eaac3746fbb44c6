import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { Plus, UsersRound } from 'lucide-react'
import { useState } from 'react'
import type { operations } from '#client/generated/schema.d.ts'
import { Button } from '#ui/button.tsx'
import { ConfirmDialog } from '#ui/dialog.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState, ErrorState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { useAddressState } from '#web/list-state.ts'
import { queryClient } from '#web/query-client.ts'
import { useMay, useMe, useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { AddToTeamDialog } from './add-to-team-dialog.tsx'
import { TeamDialog } from './team-dialog.tsx'
import { TeamPeople } from './team-people.tsx'

type TeamWithPeople = operations['teams.read']['responses'][200]['content']['application/json']

/** One team: who is in it, and who leads it. */
export default function TeamPage() {
  const { id = '' } = useParams({ strict: false })
  const t = useText()
  const tenant = useTenant()
  const { data, error, refetch } = useQuery({
    queryKey: ['teams', tenant.slug, 'one', id],
    queryFn: async () => required(await api.GET('/api/v1/teams/{id}', { params: { path: { id } } })),
  })
  useTitle(data?.name ?? t('access.teams'), tenant.name)
  if (error) return <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
  if (!data) return null
  return <TeamView team={data} />
}

function TeamView({ team }: { team: TeamWithPeople }) {
  const t = useText()
  const { slug } = useTenant()
  const { id: userId } = useMe()
  const may = useMay()
  const address = useAddressState()
  const { open } = address.values
  const close = () => address.set({ open: undefined })
  const leads = may('team:update') || team.people.some(({ principalId, isLead }) => isLead && principalId === userId)
  const add = leads && (
    <Button tone="primary" icon={<Plus size={16} aria-hidden />} onClick={() => address.set({ open: 'add' })}>
      {t('access.addToTeam')}
    </Button>
  )
  return (
    <>
      <PageHeader
        crumbs={<Link to={`/o/${slug}/teams`}>{t('access.teams')}</Link>}
        title={team.name}
        actions={
          <>
            {may('team:update') && (
              <Button onClick={() => address.set({ open: 'rename' })}>{t('access.renameTeam')}</Button>
            )}
            {may('team:delete') && <DeleteTeam team={team} />}
            {add}
          </>
        }
      >
        {team.description}
      </PageHeader>
      {team.people.length === 0 ? (
        <EmptyState icon={<UsersRound size={20} aria-hidden />} title={t('access.emptyTeam')} action={add}>
          {t('access.emptyTeamHelp')}
        </EmptyState>
      ) : (
        <TeamPeople teamId={team.id} people={team.people} leads={leads} />
      )}
      <TeamDialog team={team} open={open === 'rename'} onClose={close} onSaved={close} />
      <AddToTeamDialog
        teamId={team.id}
        inside={team.people.map(({ principalId }) => principalId)}
        open={open === 'add'}
        onClose={close}
      />
    </>
  )
}

function DeleteTeam({ team: { id, name, version } }: { team: TeamWithPeople }) {
  const t = useText()
  const say = useToast()
  const { slug } = useTenant()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const remove = async () => {
    setAsking(false)
    try {
      await api.DELETE('/api/v1/teams/{id}', {
        params: { path: { id } },
        headers: { 'If-Match': `"${version}"` },
      })
    } catch (failure) {
      say(problemOf(failure).detail)
      return
    }
    say(t('access.teamDeleted', { name }))
    await navigate({ to: `/o/${slug}/teams` })
    // Not itself: this page may still be shown for a moment, and would ask for what is gone.
    await queryClient.invalidateQueries({ queryKey: ['teams'], predicate: ({ queryKey }) => queryKey[3] !== id })
  }
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t('ui.delete')}</Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('access.deleteTeamTitle', { name })}
        consequence={t('access.deleteTeamHelp')}
        action={t('ui.delete')}
        busy={false}
        onConfirm={() => void remove()}
      />
    </>
  )
}
