import { Link, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { operations } from '#client/generated/schema.d.ts'
import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { Form } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure } from '#web/api.ts'
import { SignedOut } from '#web/signed-out.tsx'

type Preview = operations['invitations.preview']['responses'][200]['content']['application/json']

interface Seen {
  /** Undefined: there is none with this token. */
  readonly invitation: Preview | undefined
  readonly signedInAs: string | undefined
}

async function look(token: string): Promise<Seen> {
  const [invitation, me] = await Promise.allSettled([
    api.POST('/api/v1/invitations/preview', { body: { token } }),
    api.GET('/api/v1/me'),
  ])
  return {
    invitation: invitation.status === 'fulfilled' ? invitation.value.data : undefined,
    signedInAs: me.status === 'fulfilled' ? me.value.data?.email : undefined,
  }
}

/** Where an invitation's link leads: open, expired, used, withdrawn, for another account, or none. */
export default function InvitationPage() {
  const t = useText()
  const { token = '' } = useSearch({ strict: false }) as { token?: string }
  const [seen, setSeen] = useState<Seen>()
  useEffect(() => {
    void look(token).then(setSeen)
  }, [token])
  if (!seen) return <SignedOut title="…">{null}</SignedOut>
  const { invitation, signedInAs } = seen
  if (!invitation) {
    return (
      <SignedOut title={t('tenants.invitation.missing')}>
        <p className="quiet">{t('tenants.invitation.missingHelp')}</p>
      </SignedOut>
    )
  }
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
      {signedInAs !== undefined && signedInAs !== email && (
        <Banner tone="bad">{t('tenants.wrongAccount', { email: signedInAs })}</Banner>
      )}
      {state === 'open' && signedInAs === email && (
        <Form onSubmit={accept} failureOf={formFailure}>
          {(busy) => (
            <Button type="submit" tone="primary" size="large" busy={busy}>
              {t('tenants.join', { tenant: tenant.name })}
            </Button>
          )}
        </Form>
      )}
      {state === 'open' && signedInAs !== email && (
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
