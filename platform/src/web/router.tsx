import {
  type AnyRoute,
  createRootRoute,
  createRouter,
  Outlet,
  parseSearchWith,
  stringifySearchWith,
} from '@tanstack/react-router'
import { FailedPage, NotFoundPage } from './failure-pages.tsx'

/** A router of the pages that `routes` hangs below the root. */
export function routerOf(routes: (root: AnyRoute) => AnyRoute[]) {
  const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage, errorComponent: FailedPage })
  return createRouter({
    routeTree: root.addChildren(routes(root)),
    scrollRestoration: true,
    // What is after `?` stays text: a search for 2026 is no number.
    parseSearch: parseSearchWith((value) => value),
    stringifySearch: stringifySearchWith(String),
  })
}
