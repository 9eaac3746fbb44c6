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
  const [refused, setRefused] = useState<readonly string[]>()
  const goHome = () => location.assign(`/o/${encodeURIComponent(tenant)}`)
  const invite = async ({ emails = '', role = 'member' }: Record<string, string>) => {
    const addresses = emails.split(/[\s,;]+/).filter(Boolean)
    const csv = ['email,role', ...addresses.map((address) => `"${address.replaceAll('"', '""')}",${role}`)].join('\n')
    const headers = { Tenant: tenant }
    const { lines, invited } = required(await api.POST('/api/v1/invitations/batch', { headers, body: { csv } }))
    const faults = lines.flatMap(({ email, problem }) => (problem === null ? [] : [{ email, problem }]))
    if (faults.length === 0) return goHome()
    setRefused(faults.map(({ email }) => email))
    const reasons = faults.map(({ email, problem }) => `${email}: ${t(`tenants.line.${problem}`)}.`)
    const done = invited > 0 ? [t('tenants.invitedCount', { count: invited })] : []
    throw new FormProblem({ detail: [...done, ...reasons].join(' ') })
  }
  return (
    <SignedOut title={t('tenants.firstInvitations')}>
      <p className="quiet">{t('tenants.firstInvitationsHelp')}</p>
      <Form onSubmit={invite} failureOf={formFailure}>
        {(busy) => (
          <>
            <TextArea
              key={refused?.join()}
              name="emails"
              label={t('tenants.emails')}
              help={t('tenants.emailsHelp')}
              defaultValue={refused?.join('\n')}
              rows={4}
              required
            />
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
              {t(refused ? 'tenants.goOn' : 'tenants.later')}
            </Button>
          </>
        )}
      </Form>
    </SignedOut>
  )
}
