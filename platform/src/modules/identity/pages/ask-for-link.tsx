import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { TextField } from '#ui/field.tsx'
import { Form } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { formFailure } from '#web/api.ts'
import { SignedOut } from '#web/signed-out.tsx'
import { DemoInbox } from './check-mail.tsx'

interface AskForLinkProps {
  readonly title: string
  readonly help: string
  readonly onAsk: (email: string) => Promise<unknown>
}

/** Asks for an address, and says that a link is on its way, whether or not anybody has that address. */
export function AskForLink({ title, help, onAsk }: AskForLinkProps) {
  const t = useText()
  const [sentTo, setSentTo] = useState<string>()
  const send = async ({ email = '' }: Record<string, string>) => {
    await onAsk(email)
    setSentTo(email)
  }
  return (
    <SignedOut title={title}>
      <p className="quiet">{help}</p>
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
