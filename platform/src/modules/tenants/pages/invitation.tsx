import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { Form } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure } from '#web/api.ts'
import { meQuery, required } from '#web/session.ts'
import { SignedOut } from '#web/signed-out.tsx'

/** Where an invitation's link leads: open, expired, used, withdrawn, for another account, or none. */
export default function InvitationPage() {
  const t = useText()
  const { token = '' } = useSearch({ strict: false }) as { token?: string }
  const me = useQuery({ ...meQuery, retry: false })
  const { data: invitation, error } = useQuery({
    queryKey: ['invitation', token],
    queryFn: async () => required(await api.POST('/api/v1/invitations/preview', { body: { token } })),
    retry: false,
  })
  if (error) {
    return (
      <SignedOut title={t('tenants.invitation.missing')}>
        <p className="quiet">{t('tenants.invitation.missingHelp')}</p>
      </SignedOut>
    )
  }
  if (!invitation) return <SignedOut title="…">{null}</SignedOut>
  const { tenant, email, role, state } = invitation
  const accept = async () => {
    await api.POST('/api/v1/invitations/accept', { body: { token } })
    location.assign(`/o/${tenant.slug}`)
  }
  const back = { next: `/invitation?token=${token}` }
  return (
    <SignedOut title={t('tenants.join', { tenant: tenant.name })}>
      <p className="quiet">{t('tenants.invitationFor', { tenant: tenant.name, role: t(`tenants.${role}`), email })}</p>
      {state !== 'open' && <Banner tone="bad">{t(`tenants.invitation.${state}`)}</Banner>}
      {me.data && me.data.email !== email && (
        <Banner tone="bad">{t('tenants.wrongAccount', { email: me.data.email })}</Banner>
      )}
      {state === 'open' && me.data?.email === email && (
        <Form onSubmit={accept} failureOf={formFailure}>
          {(busy) => (
            <Button type="submit" tone="primary" size="large" busy={busy}>
              {t('tenants.join', { tenant: tenant.name })}
            </Button>
          )}
        </Form>
      )}
      {state === 'open' && me.data?.email !== email && (
        <>
          <Link className="button primary large" to="/sign-in" search={back}>
            {t('tenants.signInFirst', { email })}
          </Link>
          <Link className="link" to="/sign-up">
            {t('tenants.signUpFirst')}
          </Link>
        </>
      )}
    </SignedOut>
  )
}
