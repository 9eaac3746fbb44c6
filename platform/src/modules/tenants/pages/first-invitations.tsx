import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { SelectField, TextArea } from '#ui/field.tsx'
import { Form, FormProblem } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure, required } from '#web/api.ts'
import { SignedOut } from '#web/signed-out.tsx'

const roles = ['admin', 'member', 'viewer'] as const

/** After an organisation was founded: who else belongs to it. Then, or at once, to its home. */
export default function FirstInvitationsPage() {
  const t = useText()
  const tenant = new URLSearchParams(location.search).get('tenant') ?? ''
  const [asked, setAsked] = useState(false)
  const goHome = () => location.assign(`/o/${encodeURIComponent(tenant)}`)
  const invite = async ({ emails = '', role = 'member' }: Record<string, string>) => {
    const addresses = emails.split(/[\s,;]+/).filter(Boolean)
    const csv = ['email,role', ...addresses.map((address) => `"${address.replaceAll('"', '""')}",${role}`)].join('\n')
    const headers = { Tenant: tenant }
    const { lines } = required(await api.POST('/api/v1/invitations/batch', { headers, body: { csv } }))
    const refused = lines.flatMap(({ email, problem }) => (problem === null ? [] : [{ email, problem }]))
    setAsked(true)
    const [first] = refused
    if (first) throw new FormProblem({ detail: `${first.email}: ${t(`tenants.line.${first.problem}`)}` })
    goHome()
  }
  return (
    <SignedOut title={t('tenants.firstInvitations')}>
      <p className="quiet">{t('tenants.firstInvitationsHelp')}</p>
      <Form onSubmit={invite} failureOf={formFailure}>
        {(busy) => (
          <>
            <TextArea name="emails" label={t('tenants.emails')} help={t('tenants.emailsHelp')} rows={4} required />
            <SelectField
              name="role"
              label={t('tenants.role')}
              defaultValue="member"
              options={roles.map((role) => [role, t(`tenants.${role}`)])}
            />
            <Button type="submit" tone="primary" size="large" busy={busy}>
              {t('tenants.inviteSendAll')}
            </Button>
            <Button tone="bare" size="large" onClick={goHome}>
              {t(asked ? 'tenants.goOn' : 'tenants.later')}
            </Button>
          </>
        )}
      </Form>
    </SignedOut>
  )
}
