import { useQuery } from '@tanstack/react-query'
import type { ErrorComponentProps } from '@tanstack/react-router'
import { Button } from '#ui/button.tsx'
import { When } from '#ui/date.tsx'
import { Facts } from '#ui/facts.tsx'
import { TextField } from '#ui/field.tsx'
import { Form } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure, ProblemError, required, signInAddress } from './api.ts'
import { tenantInAddress } from './door.ts'
import { FailedPage } from './failure-pages.tsx'
import { tenantsQuery } from './session.ts'
import { SignedOut } from './signed-out.tsx'

/** What a page of an organisation threw: that the organisation is closed is no failure, and has a page of its own. */
export function TenantFailedPage(props: ErrorComponentProps) {
  const code = props.error instanceof ProblemError ? props.error.problem.code : undefined
  if (code === 'tenant.suspended') return <ClosedPage state="suspended" />
  if (code === 'tenant.cancelled') return <ClosedPage state="cancelled" />
  if (code === 'tenant.mfa_required') return <SecondFactorPage />
  if (code === 'tenant.session_too_old') return <SignInAgainPage />
  return <FailedPage {...props} />
}

function ClosedPage({ state }: { state: 'suspended' | 'cancelled' }) {
  const t = useText()
  return (
    <SignedOut title={t(`shell.${state}`)} beside={<OtherTenants />}>
      <p className="quiet">{t(`shell.${state}Help`)}</p>
      {state === 'cancelled' && <Restore />}
    </SignedOut>
  )
}

function SecondFactorPage() {
  const t = useText()
  return (
    <SignedOut title={t('shell.mfaRequired')} beside={<OtherTenants />}>
      <p className="quiet">{t('shell.mfaRequiredHelp')}</p>
      <a className="button primary large" href="/account/security">
        {t('shell.setUpMfa')}
      </a>
    </SignedOut>
  )
}

function SignInAgainPage() {
  const t = useText()
  return (
    <SignedOut title={t('shell.tooOld')} beside={<OtherTenants />}>
      <p className="quiet">{t('shell.tooOldHelp')}</p>
      <a className="button primary large" href={signInAddress()}>
        {t('shell.tooOld')}
      </a>
    </SignedOut>
  )
}

function OtherTenants() {
  const t = useText()
  const { data } = useQuery(tenantsQuery)
  const others = (data?.items ?? []).filter(({ slug }) => slug !== tenantInAddress())
  if (others.length === 0) return null
  return (
    <aside>
      <h2>{t('shell.others')}</h2>
      <ul className="choices">
        {others.map(({ slug, name }) => (
          <li key={slug}>
            <a href={`/o/${slug}`}>{name}</a>
          </li>
        ))}
      </ul>
    </aside>
  )
}

/** For its owner: why it was cancelled, until when it can come back, and the way back. Everybody else is refused these. */
function Restore() {
  const t = useText()
  const { data } = useQuery({
    queryKey: ['cancellation', tenantInAddress()],
    queryFn: async () => required(await api.GET('/api/v1/tenant/cancellation')),
  })
  if (!data) return null
  const restore = async ({ reason = '' }: Record<string, string>) => {
    await api.POST('/api/v1/tenant/restore', { body: { reason } })
    location.reload()
  }
  return (
    <>
      <Facts
        lines
        entries={[
          [t('shell.reason'), data.reason],
          [t('shell.restorable'), <When key="until" at={data.purgeAfter} />],
        ]}
      />
      <Form onSubmit={restore} failureOf={formFailure}>
        {(busy) => (
          <>
            <TextField name="reason" label={t('shell.restoreReason')} maxLength={500} required />
            <div className="row">
              <Button type="submit" tone="primary" busy={busy}>
                {t('shell.restoreTenant')}
              </Button>
            </div>
          </>
        )}
      </Form>
    </>
  )
}
