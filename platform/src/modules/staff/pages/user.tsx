import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { LogOut } from 'lucide-react'
import { useState } from 'react'
import type { operations } from '#client/generated/schema.d.ts'
import { Button } from '#ui/button.tsx'
import { When } from '#ui/date.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { Facts } from '#ui/facts.tsx'
import { TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { ErrorState } from '#ui/states.tsx'
import { Table } from '#ui/table.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure, problemOf, required } from '#web/api.ts'
import { deviceOf } from '#web/device.ts'
import { queryClient } from '#web/query-client.ts'
import { useTitle } from '#web/title.ts'
import { TenantState } from './tenant-state.tsx'

type User = operations['staffUsers.read']['responses'][200]['content']['application/json']

/** One account: what it is, where it is a member, where it is signed in. */
export default function UserPage() {
  const t = useText()
  const { id = '' } = useParams({ strict: false })
  const [isEnding, setEnding] = useState(false)
  const { data, error, refetch } = useQuery({
    queryKey: ['staff', 'users', id],
    queryFn: async () => required(await api.GET('/api/v1/staff/users/{id}', { params: { path: { id } } })),
  })
  useTitle(data?.name ?? t('staff.user'), t('staff.console'))
  const end = data && data.sessions.length > 0 && (
    <Button icon={<LogOut size={16} aria-hidden />} onClick={() => setEnding(true)}>
      {t('staff.endSessions')}
    </Button>
  )
  return (
    <>
      <PageHeader
        crumbs={<Link to="/staff/users">{t('staff.users')}</Link>}
        title={data?.name ?? t('staff.user')}
        actions={end}
      />
      {error && <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />}
      {!error && !data && <span className="skeleton" />}
      {data && <Account of={data} />}
      {data && isEnding && <EndDialog user={data} onClose={() => setEnding(false)} />}
    </>
  )
}

function Account({ of: user }: { of: User }) {
  const t = useText()
  return (
    <>
      <Facts
        entries={[
          [t('staff.email'), user.email],
          [t('staff.confirmed'), t(user.emailVerified ? 'staff.isConfirmed' : 'staff.notConfirmed')],
          [t('staff.secondFactor'), t(user.hasSecondFactor ? 'staff.hasFactor' : 'staff.noFactor')],
          [t('staff.created'), <When key="created" at={user.createdAt} />],
        ]}
      />
      <section className="section">
        <div className="section-head">
          <h2>{t('staff.tenants')}</h2>
        </div>
        {user.tenants.length === 0 ? (
          <p className="quiet">{t('staff.noTenants')}</p>
        ) : (
          <Table
            caption={t('staff.tenants')}
            rows={user.tenants}
            rowKey={(tenant) => tenant.id}
            columns={[
              {
                key: 'name',
                header: t('staff.name'),
                cell: ({ id, name }) => <Link to={`/staff/tenants/${id}`}>{name}</Link>,
              },
              { key: 'state', header: t('staff.state'), cell: ({ state }) => <TenantState state={state} /> },
              { key: 'slug', header: t('staff.slug'), cell: ({ slug }) => <span className="mono">{slug ?? '–'}</span> },
            ]}
          />
        )}
      </section>
      <Sessions of={user} />
    </>
  )
}

function Sessions({ of: { sessions } }: { of: User }) {
  const t = useText()
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('staff.sessions')}</h2>
      </div>
      {sessions.length === 0 ? (
        <p className="quiet">{t('staff.noSessions')}</p>
      ) : (
        <Table
          caption={t('staff.sessions')}
          rows={sessions}
          rowKey={(session) => session.id}
          columns={[
            { key: 'program', header: t('staff.program'), cell: ({ userAgent }) => deviceOf(userAgent) },
            { key: 'address', header: t('staff.address'), cell: ({ address }) => address ?? '–' },
            { key: 'began', header: t('staff.began'), cell: ({ createdAt }) => <When at={createdAt} /> },
            { key: 'ends', header: t('staff.ends'), cell: ({ expiresAt }) => <When at={expiresAt} /> },
          ]}
        />
      )}
    </section>
  )
}

function EndDialog({ user: { id, name }, onClose }: { user: User; onClose: () => void }) {
  const t = useText()
  const say = useToast()
  const save = async ({ reason = '' }: Record<string, string>) => {
    await api.POST('/api/v1/staff/users/{id}/end-sessions', { params: { path: { id } }, body: { reason } })
    say(t('staff.endSessions.done', { name }))
    onClose()
    await queryClient.invalidateQueries({ queryKey: ['staff', 'users'] })
  }
  return (
    <Dialog open onClose={onClose} title={t('staff.endSessions.title', { name })}>
      <Form onSubmit={save} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <p>{t('staff.endSessions.help')}</p>
              <TextField
                name="reason"
                label={t('staff.reason')}
                help={t('staff.recordHelp')}
                maxLength={500}
                required
              />
            </div>
            <FormActions save={t('staff.endSessions')} tone="danger" busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}
