import { lazy } from 'react'
import type { ModulePages } from '#web/module-pages.ts'

export const pages: ModulePages = {
  routes: [{ path: 'trash', area: 'workspace', page: lazy(() => import('./pages/trash.tsx')) }],
  // The shell shows the way there to whoever may restore something.
  navigation: [],
}
