import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Dialog } from '#ui/dialog.tsx'
import { PasswordField, TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { ErrorState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure, problemOf, required } from './api.ts'
import type { PasskeyAssertion } from './passkey.ts'
import { PasskeyButton } from './passkey-button.tsx'
import { provideProof } from './proof.ts'

/** Asks for password or code when the platform wants to be sure; then the request goes on that had to wait for it. */
export function ProofDialog() {
  const t = useText()
  const [answer, setAnswer] = useState<(proved: boolean) => void>()
  useEffect(() => provideProof(() => new Promise((resolve) => setAnswer(() => resolve))), [])
  const close = (proved: boolean) => {
    answer?.(proved)
    setAnswer(undefined)
  }
  return (
    <Dialog open={answer !== undefined} onClose={() => close(false)} title={t('shell.prove')}>
      <ProofForm onProved={() => close(true)} onCancel={() => close(false)} />
    </Dialog>
  )
}

function ProofForm({ onProved, onCancel }: { onProved: () => void; onCancel: () => void }) {
  const t = useText()
  const { data, error, refetch } = useQuery({
    queryKey: ['second-factor'],
    queryFn: async () => required(await api.GET('/api/v1/me/second-factor')),
  })
  if (error) return <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
  const prove = async (body: Record<string, string> | { passkey: PasskeyAssertion }) => {
    await api.POST('/api/v1/sessions/step-up', { body })
    onProved()
  }
  return (
    <Form onSubmit={prove} failureOf={formFailure}>
      {(busy) => (
        <>
          <div className="body">
            <p className="quiet">{t('shell.proveHelp')}</p>
            {data?.enabledAt === null && (
              <PasswordField
                name="currentPassword"
                label={t('shell.password')}
                autoComplete="current-password"
                required
              />
            )}
            {data !== undefined && data.passkeys > 0 && <PasskeyButton onProved={(passkey) => prove({ passkey })} />}
            {typeof data?.enabledAt === 'string' && (
              <TextField
                name="code"
                label={t('shell.code')}
                help={t('shell.codeHelp')}
                autoComplete="one-time-code"
                required
              />
            )}
          </div>
          <FormActions save={t('shell.goOn')} busy={busy} onCancel={onCancel} />
        </>
      )}
    </Form>
  )
}
