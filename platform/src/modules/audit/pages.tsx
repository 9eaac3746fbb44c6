import { ScrollText } from 'lucide-react'
import type { ModulePages } from '#web/module-pages.ts'
import AuditPage from './pages/audit.tsx'

export const pages: ModulePages = {
  routes: [{ path: 'audit', area: 'workspace', page: AuditPage }],
  navigation: [{ text: 'audit.log', path: 'audit', icon: ScrollText, permission: 'audit:read', group: 'organisation' }],
}
