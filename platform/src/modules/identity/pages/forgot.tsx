import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { TextField } from '#ui/field.tsx'
import { Form } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure } from '#web/api.ts'
import { SignedOut } from '#web/signed-out.tsx'
import { DemoInbox } from './check-mail.tsx'

export default function ForgotPage() {
  const t = useText()
  const [sentTo, setSentTo] = useState<string>()
  const send = async ({ email = '' }: Record<string, string>) => {
    await api.POST('/api/v1/password-resets', { body: { email } })
    setSentTo(email)
  }
  return (
    <SignedOut title={t('identity.forgot')}>
      <p className="quiet">{t('identity.forgotHelp')}</p>
      {sentTo !== undefined && <Banner tone="good">{t('identity.checkMailHelp', { email: sentTo })}</Banner>}
      {sentTo !== undefined && <DemoInbox />}
      <Form onSubmit={send} failureOf={formFailure}>
        {(busy) => (
          <>
            <TextField name="email" type="email" label={t('identity.email')} autoComplete="username" required />
            <Button type="submit" tone="primary" size="large" busy={busy}>
              {t('identity.send')}
            </Button>
          </>
        )}
      </Form>
      <Link className="link" to="/sign-in">
        {t('identity.signIn')}
      </Link>
    </SignedOut>
  )
}
