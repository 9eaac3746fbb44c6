import { Link, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import type { operations } from '#client/generated/schema.d.ts'
import { Button } from '#ui/button.tsx'
import { PasswordField, TextField } from '#ui/field.tsx'
import { Form } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure, ProblemError, required } from '#web/api.ts'
import { isDemo } from '#web/demo.ts'
import { isConsole } from '#web/door.ts'
import type { PasskeyAssertion } from '#web/passkey.ts'
import { PasskeyButton } from '#web/passkey-button.tsx'
import { SignedOut } from '#web/signed-out.tsx'
import { CheckMail } from './check-mail.tsx'
import { ownAddress } from './own-address.ts'

type SignInState = operations['sessions.create']['responses'][201]['content']['application/json']['state']

const DemoSignIns = lazy(() => import('./demo-sign-ins.tsx'))

/** Sign in, then on to where one wanted to go. */
export default function SignInPage() {
  const t = useText()
  const { next } = useSearch({ strict: false }) as { next?: string }
  const [unverified, setUnverified] = useState<string>()
  const signIn = async ({ email = '', password = '' }: Record<string, string>) => {
    try {
      goOn(required(await api.POST('/api/v1/sessions', { body: { email, password } })).state)
    } catch (error) {
      if (!(error instanceof ProblemError && error.problem.code === 'identity.email_unverified')) throw error
      setUnverified(email)
    }
  }
  const signInWithPasskey = async (passkey: PasskeyAssertion) => {
    await api.POST('/api/v1/sessions/passkey', { body: { passkey } })
    goOn('signed_in')
  }
  const goOn = (state: SignInState) => {
    const address = ownAddress(next)
    location.assign(state === 'signed_in' ? address : `/second-factor?${new URLSearchParams({ next: address })}`)
  }
  if (unverified !== undefined) return <CheckMail email={unverified} />
  return (
    <SignedOut
      title={t(isConsole() ? 'identity.signInConsole' : 'identity.signIn')}
      beside={
        isDemo && (
          <Suspense>
            <DemoSignIns onSignedIn={goOn} />
          </Suspense>
        )
      }
    >
      <Form onSubmit={signIn} failureOf={formFailure}>
        {(busy) => (
          <>
            <TextField name="email" type="email" label={t('identity.email')} autoComplete="username" required />
            <PasswordField name="password" label={t('identity.password')} autoComplete="current-password" required />
            <Button type="submit" tone="primary" size="large" busy={busy}>
              {t('identity.signIn')}
            </Button>
          </>
        )}
      </Form>
      <PasskeyButton onProved={signInWithPasskey} />
      <p>
        <Link className="link" to="/forgot">
          {t('identity.forgot')}
        </Link>
      </p>
      <p className="quiet">
        {t('identity.noAccount')}{' '}
        <Link className="link" to="/sign-up">
          {t('identity.signUp')}
        </Link>
      </p>
    </SignedOut>
  )
}
