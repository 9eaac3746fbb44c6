import { Link, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { Form } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure } from '#web/api.ts'
import { SignedOut } from '#web/signed-out.tsx'

/** Where the mailed link leads. A click confirms: mail scanners open links, and a token works once. */
export default function VerifyPage() {
  const t = useText()
  const { token = '' } = useSearch({ strict: false }) as { token?: string }
  const [done, setDone] = useState(false)
  const verify = async () => {
    await api.POST('/api/v1/accounts/verify', { body: { token } })
    setDone(true)
  }
  return (
    <SignedOut title={t('identity.verify')}>
      {done ? (
        <>
          <Banner tone="good">{t('identity.verified')}</Banner>
          <Link className="button primary large" to="/sign-in">
            {t('identity.signIn')}
          </Link>
        </>
      ) : (
        <Form onSubmit={verify} failureOf={formFailure}>
          {(busy) => (
            <Button type="submit" tone="primary" size="large" busy={busy}>
              {t('identity.confirm')}
            </Button>
          )}
        </Form>
      )}
    </SignedOut>
  )
}
