import { LifeBuoy } from 'lucide-react'
import { lazy } from 'react'
import type { ModulePages } from '#web/module-pages.ts'

export const pages: ModulePages = {
  routes: [{ path: 'support', area: 'workspace', page: lazy(() => import('./pages/support.tsx')) }],
  navigation: [
    { text: 'support.access', path: 'support', icon: LifeBuoy, permission: 'support:read', group: 'organisation' },
  ],
}
