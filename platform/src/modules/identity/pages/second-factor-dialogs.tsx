import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { Button } from '#ui/button.tsx'
import { CopyField } from '#ui/copy-field.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { Checkbox, TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { ErrorState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure, problemOf, required } from '#web/api.ts'
import type { PasskeyAssertion } from '#web/passkey.ts'
import { PasskeyButton } from '#web/passkey-button.tsx'
import { QrCode } from './qr-code.tsx'

interface LayerProps {
  readonly open: boolean
  readonly onClose: () => void
}

/** Shows a secret to the person's app, asks for a first code of it, then shows the recovery codes, once. */
export function SetUpDialog({ open, onClose }: LayerProps) {
  const t = useText()
  return (
    <CodesOrElse open={open} onClose={onClose} title={t('identity.setUp')}>
      {(show) => <SetUpForm onConfirmed={show} onCancel={onClose} />}
    </CodesOrElse>
  )
}

export function RecoveryCodesDialog({ open, onClose }: LayerProps) {
  const t = useText()
  return (
    <CodesOrElse open={open} onClose={onClose} title={t('identity.newCodes')}>
      {(show) => <RenewForm onRenewed={show} onCancel={onClose} />}
    </CodesOrElse>
  )
}

/** A dialog whose form ends in recovery codes. While they are shown Escape does not close it. */
export function CodesOrElse({
  open,
  onClose,
  title,
  children,
}: LayerProps & { title: string; children: (show: (codes: readonly string[]) => void) => ReactNode }) {
  const t = useText()
  const [codes, setCodes] = useState<readonly string[]>()
  const close = () => {
    setCodes(undefined)
    onClose()
  }
  return codes === undefined ? (
    <Dialog open={open} onClose={close} title={title}>
      {children(setCodes)}
    </Dialog>
  ) : (
    <Dialog open={open} onClose={close} title={t('identity.recoveryCodes')} closable={false}>
      <Codes codes={codes} onDone={close} />
    </Dialog>
  )
}

function SetUpForm({
  onConfirmed,
  onCancel,
}: {
  onConfirmed: (codes: readonly string[]) => void
  onCancel: () => void
}) {
  const t = useText()
  const { data, error, refetch } = useQuery({
    queryKey: ['authenticator'],
    queryFn: async () => required(await api.POST('/api/v1/me/authenticator')),
    // Each opening makes a secret of its own, and none stays in memory afterwards.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  })
  if (error) return <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
  const confirm = async ({ code = '' }: Record<string, string>) => {
    const body = { code }
    onConfirmed(required(await api.POST('/api/v1/me/authenticator/confirm', { body })).recoveryCodes)
  }
  return (
    <Form onSubmit={confirm} failureOf={formFailure}>
      {(busy) => (
        <>
          <div className="body">
            <p className="quiet">{t('identity.scan')}</p>
            {data && <QrCode text={data.uri} label={t('identity.qrCode')} />}
            <p className="quiet">{t('identity.typeSecret')}</p>
            {data && <CopyField value={data.secret} />}
            <CodeField help={t('identity.firstCodeHelp')} />
          </div>
          <FormActions save={t('identity.turnOn')} busy={busy} onCancel={onCancel} />
        </>
      )}
    </Form>
  )
}

function RenewForm({ onRenewed, onCancel }: { onRenewed: (codes: readonly string[]) => void; onCancel: () => void }) {
  const t = useText()
  const renew = async (body: { code: string } | { passkey: PasskeyAssertion }) => {
    onRenewed(required(await api.POST('/api/v1/me/recovery-codes', { body })).recoveryCodes)
  }
  return (
    <Form onSubmit={({ code = '' }) => renew({ code })} failureOf={formFailure}>
      {(busy) => (
        <>
          <div className="body">
            <p>{t('identity.newCodesHelp')}</p>
            <PasskeyButton onProved={(passkey) => renew({ passkey })} />
            <CodeField />
          </div>
          <FormActions save={t('identity.newCodes')} busy={busy} onCancel={onCancel} />
        </>
      )}
    </Form>
  )
}

export function CodeField({ help }: { help?: string }) {
  const t = useText()
  return (
    <TextField
      name="code"
      label={t('identity.code')}
      help={help ?? t('identity.codeFieldHelp')}
      autoComplete="one-time-code"
      required
    />
  )
}

function Codes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const t = useText()
  const [stored, setStored] = useState(false)
  return (
    <>
      <div className="body">
        <p className="quiet">{t('identity.codesHelp')}</p>
        <CopyField value={codes.join('\n')} />
        <Checkbox label={t('identity.stored')} checked={stored} onChange={(event) => setStored(event.target.checked)} />
      </div>
      <footer>
        <Button tone="primary" disabled={!stored} onClick={onDone}>
          {t('identity.done')}
        </Button>
      </footer>
    </>
  )
}
