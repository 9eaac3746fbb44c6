import { useQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { ChevronsUpDown, Languages, LogOut, Menu as MenuIcon, Moon, Plus, UserRound } from 'lucide-react'
import { useEffect } from 'react'
import { Button } from '#ui/button.tsx'
import { Menu } from '#ui/menu.tsx'
import { Avatar } from '#ui/people.tsx'
import { useLanguage } from '#ui/text.tsx'
import { api, queryClient } from './api.ts'
import type { NavigationEntry } from './module-pages.ts'
import { modulePages } from './modules.ts'
import { tenantsQuery, useMay, useMe, useTenant } from './session.ts'
import { useTheme } from './theme.ts'

const navigation = modulePages.flatMap((module) => module.navigation)

/** The workspace of one organisation: its navigation beside the page. */
export function Shell() {
  const tenant = useTenant()
  const { t } = useLanguage()
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
      </header>
      <Side />
      <main className="main" id="content" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  )
}

function Side() {
  const tenant = useTenant()
  const may = useMay()
  const { t } = useLanguage()
  const entries = (group: NavigationEntry['group']) =>
    navigation.filter((entry) => entry.group === group && may(entry.permission))
  return (
    <div className="side" id="side" popover="auto">
      <OrganisationMenu />
      <nav aria-label={t('shell.navigation')}>
        {entries('product').map((entry) => (
          <Entry key={entry.path} entry={entry} tenant={tenant.slug} />
        ))}
        <h2>{t('shell.organisation')}</h2>
        {entries('organisation').map((entry) => (
          <Entry key={entry.path} entry={entry} tenant={tenant.slug} />
        ))}
      </nav>
      <div className="side-foot">
        <AccountMenu />
      </div>
    </div>
  )
}

function Entry({ entry: { path, icon: Icon, text }, tenant }: { entry: NavigationEntry; tenant: string }) {
  const { t } = useLanguage()
  const close = () => document.getElementById('side')?.hidePopover()
  return (
    <Link to={`/o/${tenant}/${path}`} onClick={close}>
      <Icon size={16} aria-hidden />
      {t(text)}
    </Link>
  )
}

function OrganisationMenu() {
  const tenant = useTenant()
  const { data } = useQuery(tenantsQuery)
  const { t } = useLanguage()
  return (
    <Menu
      label={t('shell.switch')}
      button={(attributes) => (
        <button
          type="button"
          className="organisation"
          aria-label={`${t('shell.switch')}: ${tenant.name}`}
          {...attributes}
        >
          <span className="seal" aria-hidden>
            {tenant.name.slice(0, 1)}
          </span>
          <span>
            <b>{tenant.name}</b>
            <small>Atlas</small>
          </span>
          <ChevronsUpDown size={16} aria-hidden />
        </button>
      )}
    >
      {(data?.items ?? []).map(({ slug, name }) => (
        <a key={slug} href={`/o/${slug}`} aria-current={slug === tenant.slug}>
          <span className="seal" aria-hidden>
            {name.slice(0, 1)}
          </span>
          {name}
        </a>
      ))}
      <hr />
      <Link to="/welcome">
        <Plus size={16} aria-hidden />
        {t('shell.new')}
      </Link>
    </Menu>
  )
}

function AccountMenu() {
  const me = useMe()
  const { t, locale, setLocale } = useLanguage()
  const [theme, stepTheme] = useTheme()
  const signOut = async () => {
    await api.DELETE('/api/v1/sessions/current')
    queryClient.clear()
    location.assign('/sign-in')
  }
  return (
    <Menu
      label={t('shell.account')}
      button={(attributes) => (
        <button type="button" className="organisation" aria-label={`${t('shell.account')}: ${me.name}`} {...attributes}>
          <Avatar name={me.name} large />
          <span>
            <b>{me.name}</b>
            <small>{me.email}</small>
          </span>
        </button>
      )}
    >
      <Link to="/account">
        <UserRound size={16} aria-hidden />
        {t('shell.account')}
      </Link>
      <button type="button" onClick={stepTheme}>
        <Moon size={16} aria-hidden />
        {t('shell.theme', { theme: t(`shell.theme.${theme}`) })}
      </button>
      <button type="button" onClick={() => setLocale(locale === 'en' ? 'es' : 'en')}>
        <Languages size={16} aria-hidden />
        {t('shell.language')}
      </button>
      <hr />
      <button type="button" onClick={() => void signOut()}>
        <LogOut size={16} aria-hidden />
        {t('shell.signOut')}
      </button>
    </Menu>
  )
}
