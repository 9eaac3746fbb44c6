import { Building2, UserPlus, Users } from 'lucide-react'
import type { ModulePages } from '#web/module-pages.ts'
import { words } from './words.ts'

export const pages: ModulePages = {
  routes: [
    { path: '/welcome', area: 'account', page: () => import('./pages/welcome.tsx') },
    { path: '/invitation', area: 'open', page: () => import('./pages/invitation.tsx') },
    { path: 'members', area: 'workspace', page: () => import('./pages/members.tsx') },
    { path: 'settings', area: 'workspace', page: () => import('./pages/settings.tsx') },
  ],
  navigation: [
    { text: 'tenants.members', path: 'members', icon: Users, permission: 'member:read', group: 'organisation' },
    { text: 'tenants.settings', path: 'settings', icon: Building2, permission: 'tenant:read', group: 'organisation' },
  ],
  commands: [
    {
      text: 'tenants.invite',
      path: 'members',
      search: { open: 'invite' },
      icon: UserPlus,
      permission: 'invitation:create',
    },
  ],
  words,
}
