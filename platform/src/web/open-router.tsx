import { createRoute } from '@tanstack/react-router'
import { openPages } from './open-pages.ts'
import { routerOf } from './router.tsx'

export function openRouter() {
  return routerOf((root) =>
    openPages.map(({ path, page }) => createRoute({ getParentRoute: () => root, path, component: page })),
  )
}
