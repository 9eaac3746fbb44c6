import { QueryClientProvider, useQuery } from '@tanstack/react-query'
import { type AnyRoute, createRoute, type ErrorComponentProps, Link, Outlet, redirect } from '@tanstack/react-router'
import { Languages, LogOut, Menu as MenuIcon, Moon, Shield } from 'lucide-react'
import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { Menu } from '#ui/menu.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { Avatar } from '#ui/people.tsx'
import { useLanguage, useText } from '#ui/text.tsx'
import { api, ProblemError, required } from './api.ts'
import { useDrawer } from './drawer.ts'
import { FailedPage } from './failure-pages.tsx'
import type { StaffNavigationEntry } from './module-pages.ts'
import { useFocusOnNewPage } from './new-page-focus.ts'
import { useOnline } from './online.ts'
import { queryClient } from './query-client.ts'
import { requireSession } from './require-session.ts'
import { routerOf } from './router.tsx'
import { meQuery } from './session.ts'
import { signOut } from './sign-out.ts'
import { SignedOut } from './signed-out.tsx'
import { staffPages } from './staff-pages.ts'
import { useTheme } from './theme.ts'
import { productName, useTitle } from './title.ts'

const routes = staffPages.flatMap((module) => module.routes)
const navigation = staffPages.flatMap((module) => module.navigation)
const tenantPages = navigation.filter(({ group }) => group === 'tenants')
const operationPages = navigation.filter(({ group }) => group === 'operation')

/** The console of those who run the platform, below `/staff`. Whoever is none of them finds nothing there. */
export function staffRouter() {
  return routerOf((root) => {
    const console = createRoute({
      getParentRoute: () => root,
      path: '/staff',
      component: Console,
      errorComponent: ConsoleFailedPage,
      notFoundComponent: NoSuchPage,
      beforeLoad: ({ location }) => requireStaff(location.href),
    })
    const start = createRoute({
      getParentRoute: () => console,
      path: '/',
      beforeLoad: () => {
        throw redirect({ to: `/staff/${tenantPages[0]?.path ?? ''}` })
      },
    })
    const page = ({ path, page: component }: (typeof routes)[number]): AnyRoute =>
      createRoute({ getParentRoute: () => console, path, component, wrapInSuspense: true })
    return [console.addChildren([start, ...routes.map(page)])]
  })
}

const staffQuery = {
  queryKey: ['staff', 'me'],
  queryFn: async () => required(await api.GET('/api/v1/staff/me')),
  staleTime: 60_000,
}

async function requireStaff(address: string): Promise<void> {
  await requireSession(address)
  await queryClient.ensureQueryData(staffQuery)
}

/** Whoever lacks a second factor is told where to set one up; whoever is none of the staff finds nothing, and the way out. */
function ConsoleFailedPage({ error, ...props }: ErrorComponentProps) {
  const t = useText()
  const { code, status } = error instanceof ProblemError ? error.problem : {}
  if (status !== 403) return <FailedPage error={error} {...props} />
  if (code !== 'staff.second_factor_required') {
    return (
      <SignedOut title={t('shell.notFound')}>
        <p className="quiet">{t('staff.notStaff')}</p>
        <button type="button" className="link" onClick={() => void signOut()}>
          {t('staff.signInAgain')}
        </button>
      </SignedOut>
    )
  }
  return (
    <SignedOut title={t('staff.factorRequired')}>
      <p className="quiet">{t('staff.factorRequiredHelp')}</p>
      <a className="link" href="/account/security">
        {t('shell.setUpMfa')}
      </a>
    </SignedOut>
  )
}

/** Below `/staff`, and no page of the console. */
function NoSuchPage() {
  const t = useText()
  useTitle(t('shell.notFound'), t('staff.console'))
  return <PageHeader title={t('shell.notFound')}>{t('staff.noSuchPage')}</PageHeader>
}

function Console() {
  const t = useText()
  const isOnline = useOnline()
  const { drawer, close } = useDrawer()
  const main = useFocusOnNewPage()
  const entry = ({ text, path, icon: Icon }: StaffNavigationEntry) => (
    <Link key={path} to={`/staff/${path}`} onClick={close}>
      <Icon size={16} aria-hidden />
      {t(text)}
    </Link>
  )
  return (
    <QueryClientProvider client={queryClient}>
      <a className="skip" href="#content">
        {t('shell.skip')}
      </a>
      <StaffBar />
      <div className="shell staff">
        <div className="side" id="side" ref={drawer}>
          <nav aria-label={t('shell.navigation')}>
            {tenantPages.map(entry)}
            <h2>{t('staff.operation')}</h2>
            {operationPages.map(entry)}
          </nav>
          <footer className="side-foot fine">{t('staff.recorded')}</footer>
        </div>
        <main className="main" id="content" tabIndex={-1} ref={main}>
          {!isOnline && <Banner tone="bad">{t('shell.offline')}</Banner>}
          <Outlet />
        </main>
      </div>
    </QueryClientProvider>
  )
}

function StaffBar() {
  const { t, locale, setLocale } = useLanguage()
  const [theme, stepTheme] = useTheme()
  const { data: me } = useQuery(meQuery)
  const name = me?.name ?? ''
  return (
    <header className="staff-bar">
      <Button tone="bare" icon={<MenuIcon size={18} aria-hidden />} aria-label={t('shell.menu')} popoverTarget="side" />
      <span className="stamp">
        <Shield size={14} aria-hidden />
        {t('staff.stamp')}
      </span>
      <b>{t('staff.consoleOf', { product: productName })}</b>
      <Menu
        label={t('shell.account')}
        button={(attributes) => (
          <button type="button" className="who" {...attributes}>
            <Avatar name={name} />
            <span className="unseen">{t('shell.account')}</span>
            <span>{name}</span>
          </button>
        )}
      >
        <button type="button" onClick={stepTheme}>
          <Moon size={16} aria-hidden />
          {t('shell.theme', { theme: t(`shell.theme.${theme}`) })}
        </button>
        <button type="button" onClick={() => setLocale(locale === 'en' ? 'es' : 'en')}>
          <Languages size={16} aria-hidden />
          {t('shell.language')}
        </button>
        <button type="button" onClick={() => void signOut()}>
          <LogOut size={16} aria-hidden />
          {t('shell.signOut')}
        </button>
      </Menu>
    </header>
  )
}
