import { Outlet } from '@tanstack/react-router'
import { Menu as MenuIcon, Search } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { type Shortcut, shownKeys, useShortcuts } from '#ui/shortcuts.ts'
import { useText } from '#ui/text.tsx'
import { CommandPalette } from './command-palette.tsx'
import { useFocusOnNewPage } from './new-page-focus.ts'
import { useOnline } from './online.ts'
import { usePersonalActions } from './personal-actions.ts'
import { useTenant } from './session.ts'
import { Side } from './side.tsx'
import { SupportBanner } from './support-banner.tsx'

/** The workspace of one organisation: its navigation beside the page. */
export function Shell() {
  const tenant = useTenant()
  const t = useText()
  const isOnline = useOnline()
  const [layer, setLayer] = useState<'palette' | 'shortcuts'>()
  const shortcuts = useMemo(() => shortcutsOf(setLayer), [])
  useShortcuts(shortcuts)
  const main = useFocusOnNewPage()
  const personal = usePersonalActions()
  useEffect(() => localStorage.setItem('tenantry.tenant', tenant.slug), [tenant.slug])
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {t('shell.skip')}
      </a>
      <header className="topbar">
        <Button
          tone="bare"
          icon={<MenuIcon size={18} aria-hidden />}
          aria-label={t('shell.menu')}
          popoverTarget="side"
        />
        <b>{tenant.name}</b>
        <Button
          tone="bare"
          icon={<Search size={18} aria-hidden />}
          aria-label={t('shell.palette')}
          onClick={() => setLayer('palette')}
        />
      </header>
      <Side onFind={() => setLayer('palette')} />
      <main className="main" id="content" tabIndex={-1} ref={main}>
        <SupportBanner />
        {!isOnline && <Banner tone="bad">{t('shell.offline')}</Banner>}
        {tenant.state === 'read_only' && <Banner>{t('shell.readOnly')}</Banner>}
        <Outlet />
      </main>
      <CommandPalette open={layer === 'palette'} onClose={() => setLayer(undefined)} actions={personal} />
      <Dialog open={layer === 'shortcuts'} onClose={() => setLayer(undefined)} title={t('shell.shortcuts')}>
        <Shortcuts shortcuts={shortcuts} />
      </Dialog>
    </div>
  )
}

function shortcutsOf(show: (layer: 'palette' | 'shortcuts') => void): readonly Shortcut[] {
  return [
    { keys: 'mod+k', text: 'shell.palette', run: () => show('palette') },
    { keys: '/', text: 'shell.filter', run: () => document.querySelector<HTMLElement>('[data-shortcut="/"]')?.focus() },
    { keys: '?', text: 'shell.shortcuts', run: () => show('shortcuts') },
  ]
}

function Shortcuts({ shortcuts }: { shortcuts: readonly Shortcut[] }) {
  const t = useText()
  return (
    <dl className="facts-lines body">
      {shortcuts.map(({ keys, text }) => (
        <div key={keys}>
          <dt>
            {shownKeys(keys).map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>
          <dd>{t(text)}</dd>
        </div>
      ))}
    </dl>
  )
}
