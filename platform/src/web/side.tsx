import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChevronsUpDown, Ellipsis, Search, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Menu } from '#ui/menu.tsx'
import { Avatar } from '#ui/people.tsx'
import { shownKeys } from '#ui/shortcuts.ts'
import { useText } from '#ui/text.tsx'
import { useDrawer } from './drawer.ts'
import type { NavigationEntry } from './module-pages.ts'
import { modulePages } from './modules.ts'
import { usePersonalActions } from './personal-actions.ts'
import { tenantsQuery, useMay, useMaySomewhere, useMe, useTenant } from './session.ts'
import { productName } from './title.ts'

const trash = modulePages.flatMap((module) => module.trash ?? [])

/** The navigation: a column on a wide screen, a drawer on a narrow one. */
export function Side({ onFind }: { onFind: () => void }) {
  const t = useText()
  const { drawer, close } = useDrawer()
  return (
    <div className="side" id="side" ref={drawer}>
      <OrganisationMenu />
      <button type="button" className="find" onClick={onFind}>
        <Search size={14} aria-hidden />
        <span>{t('shell.find')}</span>
        {shownKeys('mod+k').map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </button>
      <Navigation onGo={close} />
      <div className="side-foot">
        <AccountMenu />
      </div>
    </div>
  )
}

function Navigation({ onGo }: { onGo: () => void }) {
  const t = useText()
  const { slug } = useTenant()
  const may = useMay()
  const maySomewhere = useMaySomewhere()
  const all = modulePages.flatMap((module) => module.navigation).filter(({ permission }) => maySomewhere(permission))
  const entry = ({ path, icon: Icon, text }: Pick<NavigationEntry, 'path' | 'icon' | 'text'>) => (
    <Link key={path} to={`/o/${slug}/${path}`} onClick={onGo}>
      <Icon size={16} aria-hidden />
      {t(text)}
    </Link>
  )
  return (
    <nav aria-label={t('shell.navigation')}>
      {all.filter(({ group }) => group === 'product').map(entry)}
      {trash.some(({ resource }) => may(`${resource}:restore`)) &&
        entry({ path: 'trash', icon: Trash2, text: 'shell.trash' })}
      <h2>{t('shell.organisation')}</h2>
      {all.filter(({ group }) => group === 'organisation').map(entry)}
    </nav>
  )
}

function OrganisationMenu() {
  const t = useText()
  const tenant = useTenant()
  const [wanted, setWanted] = useState(false)
  const { data } = useQuery({ ...tenantsQuery, enabled: wanted })
  return (
    <Menu
      label={t('shell.switch')}
      button={(attributes) => (
        <button
          type="button"
          className="organisation"
          onPointerEnter={() => setWanted(true)}
          onFocus={() => setWanted(true)}
          {...attributes}
        >
          <Seal name={tenant.name} />
          <span>
            <b>{tenant.name}</b>
            <small>{productName}</small>
          </span>
          <span className="unseen">{t('shell.switch')}</span>
          <ChevronsUpDown size={16} aria-hidden />
        </button>
      )}
    >
      {(data?.items ?? []).map(({ slug, name, state }) => (
        // A page load on purpose: nothing of one organisation stays in memory when another is opened.
        <a key={slug} href={`/o/${slug}`} aria-current={slug === tenant.slug ? 'true' : undefined}>
          <Seal name={name} />
          {name}
          {state !== 'active' && <small className="quiet">{t(`shell.state.${state}`)}</small>}
        </a>
      ))}
      <hr />
      <Link to="/welcome">{t('shell.new')}</Link>
    </Menu>
  )
}

function Seal({ name }: { name: string }) {
  return (
    <span className="seal" aria-hidden>
      {name.slice(0, 1)}
    </span>
  )
}

function AccountMenu() {
  const t = useText()
  const me = useMe()
  const actions = usePersonalActions()
  return (
    <Menu
      label={t('shell.account')}
      button={(attributes) => (
        <button type="button" className="organisation" {...attributes}>
          <Avatar name={me.name} large />
          <span>
            <b>{me.name}</b>
            <small>{me.email}</small>
          </span>
          <Ellipsis size={16} aria-hidden />
        </button>
      )}
    >
      {actions.map(({ text, icon: Icon, run }) => (
        <button key={text} type="button" onClick={run}>
          <Icon size={16} aria-hidden />
          {text}
        </button>
      ))}
    </Menu>
  )
}
