import { useLayoutEffect, useRef } from 'react'

const narrow = '(max-width: 720px)'

/** A navigation that is a column on a wide screen, and on a narrow one a drawer: a popover, opened by its id. */
export function useDrawer() {
  const drawer = useRef<HTMLDivElement>(null)
  // Only a drawer is a popover: as one, the column would be hidden until it is opened.
  useLayoutEffect(() => {
    const query = matchMedia(narrow)
    const set = () => {
      if (drawer.current) drawer.current.popover = query.matches ? 'auto' : null
    }
    set()
    query.addEventListener('change', set)
    return () => query.removeEventListener('change', set)
  }, [])
  const close = () => {
    if (drawer.current?.popover) drawer.current.hidePopover()
  }
  return { drawer, close }
}
