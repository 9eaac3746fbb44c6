import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { useText } from '#ui/text.tsx'
import { formFailure } from './api.ts'
import { hasPasskeys, NoPasskey, type PasskeyAssertion, provePasskey } from './passkey.ts'

/** Asks the browser for a passkey and hands its answer on. Nothing where there are none. */
export function PasskeyButton({ onProved }: { onProved: (passkey: PasskeyAssertion) => Promise<unknown> }) {
  const t = useText()
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<string>()
  if (!hasPasskeys()) return null
  const prove = async () => {
    setBusy(true)
    setFailure(undefined)
    try {
      await onProved(await provePasskey())
    } catch (error) {
      setFailure(error instanceof NoPasskey ? t('shell.noPasskey') : formFailure(error).detail)
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="stack">
      {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
      <Button size="large" busy={busy} icon={<KeyRound size={16} aria-hidden />} onClick={() => void prove()}>
        {t('shell.usePasskey')}
      </Button>
    </div>
  )
}
