import { KeyRound } from 'lucide-react'
import type { ModulePages } from '#web/module-pages.ts'
import KeysPage from './pages/keys.tsx'

export const pages: ModulePages = {
  routes: [{ path: 'keys', area: 'workspace', page: KeysPage }],
  navigation: [{ text: 'keys.keys', path: 'keys', icon: KeyRound, permission: 'key:read', group: 'organisation' }],
  commands: [{ text: 'keys.create', path: 'keys', search: { open: 'new' }, icon: KeyRound, permission: 'key:create' }],
}
