import { LifeBuoy } from 'lucide-react'
import type { StaffPages } from '#web/module-pages.ts'
import SessionsPage from './pages/sessions.tsx'

export const staffPages: StaffPages = {
  routes: [{ path: 'support', page: SessionsPage }],
  navigation: [{ text: 'support.sessions', path: 'support', icon: LifeBuoy, group: 'tenants' }],
}
