import { ScrollText, Send } from 'lucide-react'
import { lazy } from 'react'
import type { ModulePages } from '#web/module-pages.ts'

const AuditPage = lazy(() => import('./pages/audit.tsx'))
const StreamsPage = lazy(() => import('./pages/streams.tsx'))

export const pages: ModulePages = {
  routes: [
    { path: 'audit', area: 'workspace', page: AuditPage },
    { path: 'audit/streams', area: 'workspace', page: StreamsPage },
  ],
  navigation: [{ text: 'audit.log', path: 'audit', icon: ScrollText, permission: 'audit:read', group: 'organisation' }],
  commands: [{ text: 'audit.streams', path: 'audit/streams', icon: Send, permission: 'audit:stream' }],
}
