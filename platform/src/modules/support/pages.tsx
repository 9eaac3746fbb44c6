import { LifeBuoy } from 'lucide-react'
import type { ModulePages } from '#web/module-pages.ts'
import SupportPage from './pages/support.tsx'

export const pages: ModulePages = {
  routes: [{ path: 'support', area: 'workspace', page: SupportPage }],
  navigation: [
    { text: 'support.access', path: 'support', icon: LifeBuoy, permission: 'support:read', group: 'organisation' },
  ],
}
