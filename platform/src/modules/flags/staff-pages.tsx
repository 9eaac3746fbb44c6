import { ToggleRight } from 'lucide-react'
import type { StaffPages } from '#web/module-pages.ts'
import FlagsPage from './pages/flags.tsx'

export const staffPages: StaffPages = {
  routes: [{ path: 'flags', page: FlagsPage }],
  navigation: [{ text: 'flags.title', path: 'flags', icon: ToggleRight, group: 'operation' }],
}
