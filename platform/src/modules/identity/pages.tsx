import { lazy } from 'react'
import type { ModulePages } from '#web/module-pages.ts'

export const pages: ModulePages = {
  routes: [
    { path: '/account', area: 'account', page: lazy(() => import('./pages/account.tsx')) },
    { path: '/account/security', area: 'account', page: lazy(() => import('./pages/security.tsx')) },
  ],
  navigation: [],
  onboarding: [
    {
      key: 'identity.secondFactor',
      text: 'identity.beginFactor',
      help: 'identity.beginFactorHelp',
      path: '/account/security',
      isOfPerson: true,
    },
  ],
}
