import { Ellipsis } from 'lucide-react'
import { type ReactNode, useEffect, useId, useRef } from 'react'
import { Button } from './button.tsx'
import { useText } from './text.tsx'

const gapPx = 4

/** A menu on a native popover: light dismissal, Escape and the top layer are the browser's. */
export function Menu({
  label,
  button,
  children,
}: {
  label: string
  button?: (attributes: { popoverTarget: string }) => ReactNode
  children: ReactNode
}) {
  const id = useId()
  const menu = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = menu.current
    const close = () => element?.hidePopover()
    element?.addEventListener('click', close)
    return () => element?.removeEventListener('click', close)
  }, [])
  const place = (event: { newState: string }) => {
    const element = menu.current
    const anchor = document.querySelector(`[popovertarget="${CSS.escape(id)}"]`)
    if (event.newState !== 'open' || !element || !anchor) return
    const from = anchor.getBoundingClientRect()
    const { offsetWidth: width, offsetHeight: height } = element
    const below = from.bottom + gapPx + height <= window.innerHeight
    element.style.left = `${Math.max(gapPx, Math.min(from.left, window.innerWidth - width - gapPx))}px`
    element.style.top = `${below ? from.bottom + gapPx : Math.max(gapPx, from.top - height - gapPx)}px`
  }
  return (
    <>
      {button ? (
        button({ popoverTarget: id })
      ) : (
        <Button
          tone="bare"
          size="small"
          icon={<Ellipsis size={16} aria-hidden />}
          aria-label={label}
          popoverTarget={id}
        />
      )}
      <div className="menu" id={id} popover="auto" ref={menu} aria-label={label} onToggle={place}>
        {children}
      </div>
    </>
  )
}

/** The menu of a row. */
export function RowMenu({ of, children }: { of: string; children: ReactNode }) {
  const t = useText()
  return <Menu label={`${t('ui.actions')}: ${of}`}>{children}</Menu>
}
