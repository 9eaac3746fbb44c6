import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { UserPlus } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { When } from '#ui/date.tsx'
import { ConfirmDialog, Dialog } from '#ui/dialog.tsx'
import { SelectField, TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { RowMenu } from '#ui/menu.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { Person } from '#ui/people.tsx'
import type { Column } from '#ui/table.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure, problemOf, required } from '#web/api.ts'
import { useAddressState, useListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'
import { queryClient } from '#web/query-client.ts'
import { useMay, useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { Invitations } from './invitations.tsx'

const roles = ['owner', 'admin', 'member', 'viewer', 'guest'] as const
type Role = (typeof roles)[number]

interface Member {
  id: string
  userId: string
  name: string
  email: string
  role: Role
  joinedAt: string
}

/** Says what happened, or why it did not, and loads the lists anew. */
function useAct(): (done: string, act: () => Promise<unknown>) => Promise<void> {
  const say = useToast()
  return async (done, act) => {
    try {
      await act()
      say(done)
    } catch (failure) {
      say(problemOf(failure).detail)
    }
    await queryClient.invalidateQueries({ queryKey: ['members'] })
    await queryClient.invalidateQueries({ queryKey: ['tenant'] })
  }
}

export default function MembersPage() {
  const t = useText()
  const tenant = useTenant()
  const may = useMay()
  const address = useAddressState()
  const state = useListState<'name' | '-name' | 'joinedAt' | '-joinedAt'>('name')
  useTitle(t('tenants.members'), tenant.name)
  const result = useQuery({
    queryKey: ['members', tenant.slug, state.query],
    queryFn: async () => required(await api.GET('/api/v1/members', { params: { query: state.query } })),
    placeholderData: keepPreviousData,
  })
  const columns: Column<Member>[] = [
    {
      key: 'name',
      header: t('tenants.person'),
      sort: 'name',
      cell: (member) => <PersonOf member={member} />,
    },
    { key: 'role', header: t('tenants.role'), cell: (member) => <RoleOf member={member} /> },
    {
      key: 'joined',
      header: t('tenants.joined'),
      align: 'number',
      sort: 'joinedAt',
      cell: ({ joinedAt }) => <When at={joinedAt} />,
    },
    { key: 'acts', header: t('ui.actions'), align: 'acts', cell: (member) => <MemberMenu member={member} /> },
  ]
  return (
    <>
      <PageHeader
        title={t('tenants.members')}
        actions={
          may('invitation:create') && (
            <>
              <Link className="button plain" to={`/o/${tenant.slug}/members/invite`}>
                {t('tenants.inviteMany')}
              </Link>
              <Button
                tone="primary"
                icon={<UserPlus size={16} aria-hidden />}
                onClick={() => address.set({ open: 'invite' })}
              >
                {t('tenants.invite')}
              </Button>
            </>
          )
        }
      >
        {t('tenants.membersHelp')}
      </PageHeader>
      <ListView
        caption={t('tenants.members')}
        state={state}
        result={result}
        columns={columns}
        rowKey={({ id }) => id}
        empty={null}
      />
      {may('invitation:read') && <Invitations />}
      <InviteDialog open={address.values['open'] === 'invite'} onClose={() => address.set({ open: undefined })} />
    </>
  )
}

/** Leads to their roles, for whoever may see them. */
function PersonOf({ member: { userId, name, email } }: { member: Member }) {
  const { slug } = useTenant()
  const may = useMay()
  const person = <Person name={name} email={email} />
  return may('role:read') ? <Link to={`/o/${slug}/members/${userId}`}>{person}</Link> : person
}

function RoleOf({ member: { id, name, role } }: { member: Member }) {
  const t = useText()
  const may = useMay()
  const act = useAct()
  if (!may('member:update')) return t(`tenants.${role}`)
  const change = (next: Role) =>
    act(t('tenants.roleChanged', { name, role: t(`tenants.${next}`) }), () =>
      api.PATCH('/api/v1/members/{id}', { params: { path: { id } }, body: { role: next } }),
    )
  return (
    <select
      className="bare-select"
      aria-label={t('tenants.changeRole', { name })}
      value={role}
      onChange={(event) => void change(event.target.value as Role)}
    >
      {roles.map((each) => (
        <option key={each} value={each}>
          {t(`tenants.${each}`)}
        </option>
      ))}
    </select>
  )
}

function MemberMenu({ member: { id, name } }: { member: Member }) {
  const t = useText()
  const may = useMay()
  const act = useAct()
  const [asking, setAsking] = useState<'remove' | 'transfer'>()
  if (!may('member:remove')) return null
  const remove = () =>
    act(t('tenants.removed', { name }), () => api.DELETE('/api/v1/members/{id}', { params: { path: { id } } }))
  const transfer = () =>
    act(t('tenants.transferred', { name }), () =>
      api.POST('/api/v1/tenant/transfer-ownership', { body: { memberId: id } }),
    )
  return (
    <>
      <RowMenu of={name}>
        {may('tenant:transfer') && (
          <button type="button" onClick={() => setAsking('transfer')}>
            {t('tenants.transfer')}
          </button>
        )}
        <button type="button" className="bad" onClick={() => setAsking('remove')}>
          {t('tenants.remove')}
        </button>
      </RowMenu>
      <ConfirmDialog
        open={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title={t(`tenants.${asking ?? 'remove'}Title`, { name })}
        consequence={t(`tenants.${asking ?? 'remove'}Help`)}
        action={t(`tenants.${asking ?? 'remove'}`)}
        busy={false}
        onConfirm={() => {
          setAsking(undefined)
          void (asking === 'transfer' ? transfer() : remove())
        }}
      />
    </>
  )
}

function InviteDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText()
  const say = useToast()
  const invite = async ({ email = '', role = 'member' }: Record<string, string>) => {
    await api.POST('/api/v1/invitations', { body: { email, role: role as Role } })
    await queryClient.invalidateQueries({ queryKey: ['invitations'] })
    say(t('tenants.invited', { email }))
    onClose()
  }
  return (
    <Dialog open={open} onClose={onClose} title={t('tenants.inviteTitle')}>
      <Form onSubmit={invite} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <TextField name="email" type="email" label={t('tenants.email')} autoComplete="off" required />
              <SelectField
                name="role"
                label={t('tenants.role')}
                defaultValue="member"
                options={roles.map((role) => [role, t(`tenants.${role}`)])}
              />
            </div>
            <FormActions save={t('tenants.inviteSend')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}
