import { QueryClientProvider } from '@tanstack/react-query'
import { type AnyRoute, createRoute, Outlet, redirect } from '@tanstack/react-router'
import { lazy } from 'react'
import { api } from './api.ts'
import { TenantFailedPage } from './closed-tenant.tsx'
import type { PageRoute } from './module-pages.ts'
import { modulePages } from './modules.ts'
import { onboardingQuery } from './onboarding.ts'
import { ProofDialog } from './proof-dialog.tsx'
import { queryClient } from './query-client.ts'
import { requireSession } from './require-session.ts'
import { routerOf } from './router.tsx'
import { tenantQuery } from './session.ts'
import { Shell } from './shell.tsx'

/** The pages for who is signed in: a person's own, and below `/o/<organisation>` the workspace. */
export function workspaceRouter() {
  return routerOf((root) => {
    const signedIn = createRoute({
      getParentRoute: () => root,
      id: 'signed-in',
      component: SignedIn,
      beforeLoad: ({ location }) => requireSession(location.href),
    })
    const organisation = createRoute({
      getParentRoute: () => signedIn,
      path: '/o/$tenant',
      component: Shell,
      errorComponent: TenantFailedPage,
      beforeLoad: ({ params }) => queryClient.ensureQueryData(tenantQuery(params.tenant)),
    })
    const start = createRoute({ getParentRoute: () => signedIn, path: '/', beforeLoad: goToStart })
    const home = createRoute({
      getParentRoute: () => organisation,
      path: '/',
      component: lazy(() => import('./home.tsx')),
      wrapInSuspense: true,
      beforeLoad: ({ params }) => goToFirstPage(params.tenant),
    })
    organisation.addChildren([home, ...pagesIn('workspace', organisation)])
    return [signedIn.addChildren([start, organisation, ...pagesIn('account', signedIn)])]
  })
}

const firstPath = modulePages.flatMap(({ navigation }) => navigation)[0]?.path ?? 'members'

/** Unless there is something to begin with. */
async function goToFirstPage(slug: string): Promise<void> {
  const steps = await queryClient.fetchQuery(onboardingQuery(slug))
  if (steps.length === 0) throw redirect({ to: `/o/${slug}/${firstPath}` })
}

/** The modules' pages of one area. */
function pagesIn(area: PageRoute['area'], parent: AnyRoute): AnyRoute[] {
  const pages = modulePages.flatMap(({ routes }) => routes).filter((route) => route.area === area)
  // In a boundary of its own: while a page's code is on its way, what is around the page stays.
  const route = { getParentRoute: () => parent, wrapInSuspense: true }
  return pages.map(({ path, page }) => createRoute({ ...route, path, component: page }))
}

function SignedIn() {
  return (
    <QueryClientProvider client={queryClient}>
      <Outlet />
      <ProofDialog />
    </QueryClientProvider>
  )
}

/** To the organisation of last time, to any other, or to where one is made. */
async function goToStart(): Promise<never> {
  const { data } = await api.GET('/api/v1/tenants')
  const last = localStorage.getItem('tenantry.tenant')
  const tenant = data?.items.find(({ slug }) => slug === last) ?? data?.items[0]
  throw tenant ? redirect({ to: `/o/${tenant.slug}` }) : redirect({ to: '/welcome' })
}
