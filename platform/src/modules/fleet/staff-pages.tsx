import { Layers } from 'lucide-react'
import type { StaffPages } from '#web/module-pages.ts'
import FleetPage from './pages/fleet.tsx'

export const staffPages: StaffPages = {
  routes: [{ path: 'fleet', page: FleetPage }],
  navigation: [{ text: 'fleet.title', path: 'fleet', icon: Layers, group: 'operation' }],
}
