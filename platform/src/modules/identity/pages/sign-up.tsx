import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { PasswordField, TextField } from '#ui/field.tsx'
import { Form } from '#ui/form.tsx'
import { useLanguage } from '#ui/text.tsx'
import { api, formFailure } from '#web/api.ts'
import { SignedOut } from '#web/signed-out.tsx'
import { CheckMail } from './check-mail.tsx'

export default function SignUpPage() {
  const { t, locale } = useLanguage()
  const [sentTo, setSentTo] = useState<string>()
  const signUp = async ({ email = '', password = '', name = '' }: Record<string, string>) => {
    await api.POST('/api/v1/accounts', { body: { email, password, name, locale } })
    setSentTo(email)
  }
  if (sentTo !== undefined) return <CheckMail email={sentTo} />
  return (
    <SignedOut title={t('identity.signUp')}>
      <Form onSubmit={signUp} failureOf={formFailure}>
        {(busy) => (
          <>
            <TextField name="name" label={t('identity.name')} autoComplete="name" required />
            <TextField name="email" type="email" label={t('identity.email')} autoComplete="username" required />
            <PasswordField
              name="password"
              label={t('identity.password')}
              help={t('identity.passwordHelp')}
              autoComplete="new-password"
              required
            />
            <Button type="submit" tone="primary" size="large" busy={busy}>
              {t('identity.signUp')}
            </Button>
          </>
        )}
      </Form>
      <p className="quiet">
        {t('identity.haveAccount')}{' '}
        <Link className="link" to="/sign-in">
          {t('identity.signIn')}
        </Link>
      </p>
    </SignedOut>
  )
}
