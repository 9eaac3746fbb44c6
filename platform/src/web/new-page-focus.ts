import { useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'

/** A new page is read from its beginning: without this a screen reader would stay on the link that was left. */
export function useFocusOnNewPage() {
  const main = useRef<HTMLElement>(null)
  const path = useRouterState({ select: ({ location }) => location.pathname })
  const shownPath = useRef(path)
  useEffect(() => {
    if (shownPath.current !== path) main.current?.focus({ preventScroll: true })
    shownPath.current = path
  }, [path])
  return main
}
