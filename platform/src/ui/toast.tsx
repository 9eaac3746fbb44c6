import { X } from 'lucide-react'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react'
import { useText } from './text.tsx'

interface Toast {
  readonly id: number
  readonly text: string
  readonly undo?: (() => void) | undefined
}

type Say = (text: string, undo?: () => void) => void

const ToastContext = createContext<Say>(() => {})
/** Long enough to read it and reach Undo (WCAG 2.2.1 asks for no shorter than needed). */
const shownMs = 10_000
let lastId = 0

/** Says that something was done, and how to undo it. */
export function useToast(): Say {
  return useContext(ToastContext)
}

export function ToastRegion({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([])
  const region = useRef<HTMLOutputElement>(null)
  const t = useText()
  // Shown anew for each toast, which lays it over a dialog that has opened since.
  useEffect(() => {
    region.current?.hidePopover()
    if (toasts.length > 0) region.current?.showPopover()
  }, [toasts])
  const dismiss = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), [])
  const say = useMemo<Say>(
    () => (text, undo) => {
      const id = ++lastId
      setToasts((all) => [...all.slice(-2), { id, text, undo }])
      setTimeout(() => dismiss(id), shownMs)
    },
    [dismiss],
  )
  return (
    <ToastContext value={say}>
      {children}
      <output className="toasts" popover="manual" ref={region}>
        {toasts.map(({ id, text, undo }) => (
          <div className="toast" key={id}>
            {text}
            {undo && (
              <button
                type="button"
                onClick={() => {
                  dismiss(id)
                  undo()
                }}
              >
                {t('ui.undo')}
              </button>
            )}
            <button type="button" aria-label={t('ui.close')} onClick={() => dismiss(id)}>
              <X size={14} aria-hidden />
            </button>
          </div>
        ))}
      </output>
    </ToastContext>
  )
}
