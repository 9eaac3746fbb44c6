import { lazy } from 'react'
import type { ModulePages } from '#web/module-pages.ts'
import AccountPage from './pages/account.tsx'

export const pages: ModulePages = {
  routes: [
    { path: '/account', area: 'account', page: AccountPage },
    { path: '/account/security', area: 'account', page: lazy(() => import('./pages/security.tsx')) },
  ],
  navigation: [],
}
