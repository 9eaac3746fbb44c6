import { X } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from 'react'
import { Button } from './button.tsx'
import { useText } from './text.tsx'

interface LayerProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: string
  /** Escape closes it, unless something would be lost with it. */
  readonly closable?: boolean
  readonly children: ReactNode
}

/** Opens and closes a native dialog with a property: focus stays inside, Escape closes, focus returns to where it was. */
function useModal(open: boolean) {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = ref.current
    if (open && !dialog?.open) dialog?.showModal()
    if (!open && dialog?.open) dialog.close()
  }, [open])
  return ref
}

/** A question or a short form in the middle of the page. Its content is made anew each time it opens. */
export function Dialog({ open, onClose, title, closable = true, children }: LayerProps) {
  const ref = useModal(open)
  const titleId = useId()
  return (
    <dialog
      className="dialog"
      ref={ref}
      onClose={onClose}
      onCancel={(event) => closable || event.preventDefault()}
      aria-labelledby={titleId}
    >
      {open && (
        <>
          <header>
            <h2 id={titleId}>{title}</h2>
          </header>
          {children}
        </>
      )}
    </dialog>
  )
}

/** Asks before something that cannot simply be undone, and says what it means. */
export function ConfirmDialog({
  consequence,
  action,
  busy,
  onConfirm,
  ...layer
}: Omit<LayerProps, 'children'> & { consequence: string; action: string; busy: boolean; onConfirm: () => void }) {
  const t = useText()
  return (
    <Dialog {...layer}>
      <div className="body">
        <p>{consequence}</p>
      </div>
      <footer>
        <Button tone="bare" onClick={layer.onClose}>
          {t('ui.cancel')}
        </Button>
        <Button tone="danger" busy={busy} onClick={onConfirm}>
          {action}
        </Button>
      </footer>
    </Dialog>
  )
}

const besideFrom = '(min-width: 1100px)'

/** A record beside its list, which stays in use; on a narrow screen over it. */
export function Sheet({ open, onClose, title, children }: LayerProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  const t = useText()
  useEffect(() => {
    const sheet = ref.current
    if (!open) sheet?.close()
    else if (!sheet?.open && matchMedia(besideFrom).matches) sheet?.show()
    else if (!sheet?.open) sheet?.showModal()
  }, [open])
  return (
    <dialog className="sheet" ref={ref} onClose={onClose} onKeyDown={closeOnEscape} aria-labelledby={titleId}>
      {open && (
        <>
          <div className="close">
            <Button tone="bare" icon={<X size={16} aria-hidden />} aria-label={t('ui.close')} onClick={onClose} />
          </div>
          <div className="body">
            <h2 id={titleId}>{title}</h2>
            {children}
          </div>
        </>
      )}
    </dialog>
  )
}

/** The browser does this for modal dialogs only. */
function closeOnEscape(event: KeyboardEvent<HTMLDialogElement>): void {
  if (event.key === 'Escape') event.currentTarget.close()
}
