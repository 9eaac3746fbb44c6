import {
  type AnyRoute,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  parseSearchWith,
  redirect,
  stringifySearchWith,
} from '@tanstack/react-router'
import { api, ProblemError, queryClient } from './api.ts'
import { FailedPage, NotFoundPage } from './failure-pages.tsx'
import type { PageRoute } from './module-pages.ts'
import { modulePages } from './modules.ts'
import { meQuery, tenantQuery } from './session.ts'
import { Shell } from './shell.tsx'
import { TrashPage } from './trash.tsx'

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage, errorComponent: FailedPage })

/** Everything here needs a session; without one the sign-in page comes first, and leads back. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  component: Outlet,
  beforeLoad: async ({ location }) => {
    await queryClient.ensureQueryData(meQuery).catch((error: unknown) => {
      if (error instanceof ProblemError && error.problem.status === 401)
        throw redirect({ to: '/sign-in', search: { next: location.href } })
      throw error
    })
  },
})

const workspace = createRoute({
  getParentRoute: () => signedIn,
  path: '/o/$tenant',
  component: Shell,
  errorComponent: FailedPage,
  beforeLoad: ({ params }) => queryClient.ensureQueryData(tenantQuery(params.tenant)),
})

const start = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  beforeLoad: async () => {
    const { data } = await api.GET('/api/v1/tenants')
    const last = localStorage.getItem('tenantry.tenant')
    const tenant = data?.items.find(({ slug }) => slug === last) ?? data?.items[0]
    throw tenant ? redirect({ to: '/o/$tenant', params: { tenant: tenant.slug } }) : redirect({ to: '/welcome' })
  },
})

const home = createRoute({
  getParentRoute: () => workspace,
  path: '/',
  beforeLoad: ({ params }) => {
    const first = modulePages.flatMap(({ navigation }) => navigation)[0]
    throw redirect({ to: `/o/${params.tenant}/${first?.path ?? 'members'}` })
  },
})

/** The modules' pages of one area. */
function pagesIn(area: PageRoute['area'], parent: AnyRoute): AnyRoute[] {
  const pages = modulePages.flatMap(({ routes }) => routes).filter((route) => route.area === area)
  return pages.map(({ path, page }) =>
    createRoute({
      getParentRoute: () => parent,
      path,
      component: lazyRouteComponent(page),
      validateSearch: (search: Record<string, unknown>) => search,
    }),
  )
}

const trash = createRoute({ getParentRoute: () => workspace, path: 'trash', component: TrashPage })

workspace.addChildren([home, trash, ...pagesIn('workspace', workspace)])
signedIn.addChildren([start, workspace, ...pagesIn('account', signedIn)])
const gallery = createRoute({
  getParentRoute: () => root,
  path: '/dev/components',
  component: lazyRouteComponent(() => import('./gallery.tsx'), 'GalleryPage'),
})

root.addChildren([signedIn, gallery, ...pagesIn('open', root)])

/** What is after `?` stays text: a search for 2026 is no number. */
export const router = createRouter({
  routeTree: root,
  defaultPreload: 'intent',
  scrollRestoration: true,
  parseSearch: parseSearchWith((value) => value),
  stringifySearch: stringifySearchWith(String),
})
