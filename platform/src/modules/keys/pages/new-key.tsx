import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { CopyField } from '#ui/copy-field.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { Checkbox } from '#ui/field.tsx'
import { useText } from '#ui/text.tsx'

/** Shows a key the only time that it can be shown: it is closed once somebody says that it is stored. */
export function NewKey({ value, onDone }: { value: string; onDone: () => void }) {
  const t = useText()
  const [stored, setStored] = useState(false)
  return (
    <Dialog open onClose={onDone} title={t('keys.madeTitle')} closable={false}>
      <div className="body">
        <p className="quiet">{t('keys.madeHelp')}</p>
        <CopyField value={value} />
        <Checkbox label={t('keys.stored')} checked={stored} onChange={(event) => setStored(event.target.checked)} />
      </div>
      <footer>
        <Button tone="primary" disabled={!stored} onClick={onDone}>
          {t('keys.done')}
        </Button>
      </footer>
    </Dialog>
  )
}
