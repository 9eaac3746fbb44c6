import { useEffect } from 'react'

export interface Shortcut {
  /** As shown: `mod+k`, `?`, `/`. `mod` is Command on a Mac, Control elsewhere. */
  readonly keys: string
  /** Key of what it does, in a catalogue. */
  readonly text: string
  readonly run: () => void
}

/** The keys as they are printed on this machine's keyboard. */
export function shownKeys(keys: string): readonly string[] {
  const modifier = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl'
  return keys.split('+').map((key) => (key === 'mod' ? modifier : key.toUpperCase()))
}

/** Listens for shortcuts. A single key does nothing while somebody types or a dialog is open. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const pressed = `${event.metaKey || event.ctrlKey ? 'mod+' : ''}${event.key.toLowerCase()}`
      const shortcut = shortcuts.find(({ keys }) => keys === pressed)
      if (!shortcut || (!pressed.startsWith('mod+') && isTyping(event.target))) return
      event.preventDefault()
      shortcut.run()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [shortcuts])
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable], dialog') !== null
}
