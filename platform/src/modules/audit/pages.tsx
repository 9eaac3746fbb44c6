import { ScrollText } from 'lucide-react'
import type { ModulePages } from '#web/module-pages.ts'
import { words } from './words.ts'

export const pages: ModulePages = {
  routes: [{ path: 'audit', area: 'workspace', page: () => import('./pages/audit.tsx') }],
  navigation: [{ text: 'audit.log', path: 'audit', icon: ScrollText, permission: 'audit:read', group: 'organisation' }],
  words,
}
