import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { CopyField } from '#ui/copy-field.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { Checkbox } from '#ui/field.tsx'
import { useText } from '#ui/text.tsx'

/** Shows the secret of a stream, once: closing asks whether it was stored. */
export function SecretDialog({ secret, onDone }: { secret: string | undefined; onDone: () => void }) {
  const t = useText()
  return (
    <Dialog open={secret !== undefined} onClose={onDone} title={t('audit.secretTitle')} closable={false}>
      <Secret secret={secret ?? ''} onDone={onDone} />
    </Dialog>
  )
}

function Secret({ secret, onDone }: { secret: string; onDone: () => void }) {
  const t = useText()
  const [isStored, setIsStored] = useState(false)
  return (
    <>
      <div className="body">
        <p className="quiet">{t('audit.secretHelp')}</p>
        <CopyField value={secret} />
        <Checkbox label={t('audit.secretStored')} onChange={({ target }) => setIsStored(target.checked)} />
      </div>
      <footer>
        <Button tone="primary" disabled={!isStored} onClick={onDone}>
          {t('audit.done')}
        </Button>
      </footer>
    </>
  )
}
