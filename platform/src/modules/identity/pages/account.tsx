import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from '#ui/button.tsx'
import { When } from '#ui/date.tsx'
import { PasswordField, SelectField, TextField } from '#ui/field.tsx'
import { Form } from '#ui/form.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { ErrorState } from '#ui/states.tsx'
import { Table } from '#ui/table.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure, problemOf, required } from '#web/api.ts'
import { deviceOf } from '#web/device.ts'
import { queryClient } from '#web/query-client.ts'
import { useMe } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { EmailChange } from './email-change.tsx'

/** A person's own: profile, password, where they are signed in. */
export default function AccountPage() {
  const t = useText()
  useTitle(t('identity.account'))
  return (
    <main className="main narrow" id="content">
      <PageHeader
        crumbs={
          <Link className="link" to="/">
            {t('identity.back')}
          </Link>
        }
        title={t('identity.account')}
      />
      <Profile />
      <EmailChange />
      <Password />
      <section className="section">
        <h2>{t('identity.security')}</h2>
        <Link className="link" to="/account/security">
          {t('identity.securityHelp')}
        </Link>
      </section>
      <Sessions />
    </main>
  )
}

function Profile() {
  const t = useText()
  const me = useMe()
  const say = useToast()
  const save = async ({ name = '', locale = '' }: Record<string, string>) => {
    await api.PATCH('/api/v1/me', { body: { name, locale: locale === 'es' ? 'es' : 'en' } })
    await queryClient.invalidateQueries({ queryKey: ['me'] })
    say(t('identity.saved'))
  }
  return (
    <section className="section">
      <h2>{t('identity.profile')}</h2>
      <Form onSubmit={save} failureOf={formFailure}>
        {(busy) => (
          <>
            <TextField
              name="name"
              label={t('identity.name')}
              defaultValue={me.name}
              autoComplete="name"
              help={me.email}
            />
            <SelectField
              name="locale"
              label={t('identity.language')}
              defaultValue={me.locale}
              options={[
                ['en', 'English'],
                ['es', 'Español'],
              ]}
            />
            <div className="row">
              <Button type="submit" tone="primary" busy={busy}>
                {t('identity.save')}
              </Button>
            </div>
          </>
        )}
      </Form>
    </section>
  )
}

function Password() {
  const t = useText()
  const say = useToast()
  const change = async ({ currentPassword = '', newPassword = '' }: Record<string, string>) => {
    await api.PUT('/api/v1/me/password', { body: { currentPassword, newPassword } })
    await queryClient.invalidateQueries({ queryKey: ['sessions'] })
    say(t('identity.passwordChanged'))
  }
  return (
    <section className="section">
      <h2>{t('identity.changePassword')}</h2>
      <Form onSubmit={change} failureOf={formFailure}>
        {(busy) => (
          <>
            <PasswordField
              name="currentPassword"
              label={t('identity.currentPassword')}
              autoComplete="current-password"
            />
            <PasswordField
              name="newPassword"
              label={t('identity.newPassword')}
              help={t('identity.passwordHelp')}
              autoComplete="new-password"
            />
            <div className="row">
              <Button type="submit" busy={busy}>
                {t('identity.changePassword')}
              </Button>
            </div>
          </>
        )}
      </Form>
    </section>
  )
}

function Sessions() {
  const t = useText()
  const say = useToast()
  const { data, error, refetch } = useQuery({
    queryKey: ['sessions'],
    queryFn: async () => required(await api.GET('/api/v1/sessions')),
  })
  const act = async (request: Promise<unknown>, isHere = false) => {
    try {
      await request
      if (isHere) return location.assign('/sign-in')
      say(t('identity.ended'))
    } catch (failure) {
      say(problemOf(failure).detail)
    }
    await refetch()
  }
  const end = (id: string, isHere: boolean) =>
    act(api.DELETE('/api/v1/sessions/{id}', { params: { path: { id } } }), isHere)
  const endOthers = () => act(api.POST('/api/v1/sessions/end-others'))
  if (error) return <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
  return (
    <section className="section">
      <h2>{t('identity.sessions')}</h2>
      <Table
        caption={t('identity.sessions')}
        rows={data?.items}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'device',
            header: t('identity.device'),
            cell: ({ userAgent, current }) => `${deviceOf(userAgent)}${current ? ` (${t('identity.thisOne')})` : ''}`,
          },
          { key: 'address', header: t('identity.address'), cell: ({ address }) => address ?? '' },
          { key: 'seen', header: t('identity.lastSeen'), cell: ({ lastSeenAt }) => <When at={lastSeenAt} /> },
          {
            key: 'end',
            header: t('identity.end'),
            align: 'acts',
            cell: ({ id, current }) => (
              <Button size="small" tone="bare" onClick={() => void end(id, current)}>
                {t('identity.end')}
              </Button>
            ),
          },
        ]}
      />
      <p className="section">
        <Button onClick={() => void endOthers()}>{t('identity.endOthers')}</Button>
      </p>
    </section>
  )
}
