import { Gauge } from 'lucide-react'
import { lazy } from 'react'
import type { ModulePages } from '#web/module-pages.ts'

export const pages: ModulePages = {
  routes: [{ path: 'usage', area: 'workspace', page: lazy(() => import('./pages/usage.tsx')) }],
  navigation: [{ text: 'usage.usage', path: 'usage', icon: Gauge, permission: 'usage:read', group: 'organisation' }],
}
