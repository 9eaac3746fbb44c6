import { Link, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { TextField } from '#ui/field.tsx'
import { Form } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure } from '#web/api.ts'
import type { PasskeyAssertion } from '#web/passkey.ts'
import { PasskeyButton } from '#web/passkey-button.tsx'
import { SignedOut } from '#web/signed-out.tsx'
import { ownAddress } from './own-address.ts'

/** The second step of signing in: a passkey, a code of the app or, without the phone, a recovery code. */
export default function SecondFactorPage() {
  const t = useText()
  const { next } = useSearch({ strict: false }) as { next?: string }
  const [withRecovery, setWithRecovery] = useState(false)
  const verify = async (body: { code: string } | { passkey: PasskeyAssertion }) => {
    await api.POST('/api/v1/sessions/verify', { body })
    location.assign(ownAddress(next))
  }
  return (
    <SignedOut title={t('identity.secondStep')}>
      <p className="quiet">{t(withRecovery ? 'identity.recoveryHelp' : 'identity.codeHelp')}</p>
      <Form key={String(withRecovery)} onSubmit={({ code = '' }) => verify({ code })} failureOf={formFailure}>
        {(busy) => (
          <>
            {withRecovery ? (
              <TextField
                name="code"
                label={t('identity.recoveryCode')}
                autoComplete="off"
                spellCheck={false}
                required
              />
            ) : (
              <TextField
                name="code"
                label={t('identity.code')}
                inputMode="numeric"
                autoComplete="one-time-code"
                required
              />
            )}
            <Button type="submit" tone="primary" size="large" busy={busy}>
              {t('identity.goOn')}
            </Button>
          </>
        )}
      </Form>
      <PasskeyButton onProved={(passkey) => verify({ passkey })} />
      <p>
        <Button tone="bare" onClick={() => setWithRecovery(!withRecovery)}>
          {t(withRecovery ? 'identity.useApp' : 'identity.useRecovery')}
        </Button>
      </p>
      <p>
        <Link className="link" to="/recover">
          {t('identity.lostEverything')}
        </Link>
      </p>
      <p>
        <a className="link" href={`/sign-in?${new URLSearchParams({ next: ownAddress(next) })}`}>
          {t('identity.startAgain')}
        </a>
      </p>
    </SignedOut>
  )
}
