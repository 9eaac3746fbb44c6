import { Gauge } from 'lucide-react'
import type { ModulePages } from '#web/module-pages.ts'
import UsagePage from './pages/usage.tsx'

export const pages: ModulePages = {
  routes: [{ path: 'usage', area: 'workspace', page: UsagePage }],
  navigation: [{ text: 'usage.usage', path: 'usage', icon: Gauge, permission: 'usage:read', group: 'organisation' }],
}
