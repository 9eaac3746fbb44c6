import type { ModulePages } from '#web/module-pages.ts'
import { words } from './words.ts'

export const pages: ModulePages = {
  routes: [
    { path: '/sign-in', area: 'open', page: () => import('./pages/sign-in.tsx') },
    { path: '/sign-up', area: 'open', page: () => import('./pages/sign-up.tsx') },
    { path: '/verify', area: 'open', page: () => import('./pages/verify.tsx') },
    { path: '/forgot', area: 'open', page: () => import('./pages/forgot.tsx') },
    { path: '/reset', area: 'open', page: () => import('./pages/reset.tsx') },
    { path: '/account', area: 'account', page: () => import('./pages/account.tsx') },
  ],
  navigation: [],
  words,
}
