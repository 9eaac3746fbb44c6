import { ChartColumn } from 'lucide-react'
import type { StaffPages } from '#web/module-pages.ts'
import AnalyticsPage from './pages/analytics.tsx'

export const staffPages: StaffPages = {
  routes: [{ path: 'analytics', page: AnalyticsPage }],
  navigation: [{ text: 'analytics.title', path: 'analytics', icon: ChartColumn, group: 'operation' }],
}
