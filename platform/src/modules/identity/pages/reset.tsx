import { Link, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { PasswordField } from '#ui/field.tsx'
import { Form } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure } from '#web/api.ts'
import { SignedOut } from '#web/signed-out.tsx'

export default function ResetPage() {
  const t = useText()
  const { token = '' } = useSearch({ strict: false }) as { token?: string }
  const [done, setDone] = useState(false)
  const reset = async ({ password = '' }: Record<string, string>) => {
    await api.POST('/api/v1/password-resets/complete', { body: { token, password } })
    setDone(true)
  }
  return (
    <SignedOut title={t('identity.reset')}>
      {done ? (
        <>
          <Banner tone="good">{t('identity.resetDone')}</Banner>
          <Link className="button primary large" to="/sign-in">
            {t('identity.signIn')}
          </Link>
        </>
      ) : (
        <Form onSubmit={reset} failureOf={formFailure}>
          {(busy) => (
            <>
              <PasswordField
                name="password"
                label={t('identity.newPassword')}
                help={t('identity.passwordHelp')}
                autoComplete="new-password"
                required
              />
              <Button type="submit" tone="primary" size="large" busy={busy}>
                {t('identity.reset')}
              </Button>
            </>
          )}
        </Form>
      )}
    </SignedOut>
  )
}
