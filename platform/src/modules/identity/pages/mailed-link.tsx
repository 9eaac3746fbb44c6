import { Link, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { Form } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { formFailure } from '#web/api.ts'
import { SignedOut } from '#web/signed-out.tsx'

interface MailedLinkProps {
  readonly title: string
  /** What a click does, where the title does not say all of it. */
  readonly help?: string
  readonly label: string
  readonly done: string
  readonly onUse: (token: string) => Promise<unknown>
}

/** Where a mailed link leads. A click uses it: mail scanners open links, and a token works once. */
export function MailedLink({ title, help, label, done, onUse }: MailedLinkProps) {
  const t = useText()
  const { token = '' } = useSearch({ strict: false }) as { token?: string }
  const [used, setUsed] = useState(false)
  const use = async () => {
    await onUse(token)
    setUsed(true)
  }
  return (
    <SignedOut title={title}>
      {used ? (
        <>
          <Banner tone="good">{done}</Banner>
          <Link className="button primary large" to="/sign-in">
            {t('identity.signIn')}
          </Link>
        </>
      ) : (
        <>
          {help !== undefined && <p className="quiet">{help}</p>}
          <Form onSubmit={use} failureOf={formFailure}>
            {(busy) => (
              <Button type="submit" tone="primary" size="large" busy={busy}>
                {label}
              </Button>
            )}
          </Form>
        </>
      )}
    </SignedOut>
  )
}
