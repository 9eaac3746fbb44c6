import { Bot, KeyRound } from 'lucide-react'
import { lazy } from 'react'
import type { ModulePages } from '#web/module-pages.ts'

export const pages: ModulePages = {
  routes: [
    { path: 'keys', area: 'workspace', page: lazy(() => import('./pages/keys.tsx')) },
    { path: 'service-accounts', area: 'workspace', page: lazy(() => import('./pages/service-accounts.tsx')) },
    { path: 'service-accounts/$id', area: 'workspace', page: lazy(() => import('./pages/service-account.tsx')) },
  ],
  navigation: [
    {
      text: 'keys.accounts',
      path: 'service-accounts',
      icon: Bot,
      permission: 'serviceAccount:read',
      group: 'organisation',
    },
    { text: 'keys.keys', path: 'keys', icon: KeyRound, permission: 'key:read', group: 'organisation' },
  ],
  commands: [
    { text: 'keys.create', path: 'keys', search: { open: 'new' }, icon: KeyRound, permission: 'key:create' },
    {
      text: 'keys.newAccount',
      path: 'service-accounts',
      search: { open: 'new' },
      icon: Bot,
      permission: 'serviceAccount:create',
    },
  ],
}
