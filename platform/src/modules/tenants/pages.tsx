import { Building2, ShieldCheck, UserPlus, Users } from 'lucide-react'
import { lazy } from 'react'
import type { ModulePages } from '#web/module-pages.ts'
import MembersPage from './pages/members.tsx'
import SecurityPage from './pages/security.tsx'
import SettingsPage from './pages/settings.tsx'
import WelcomePage from './pages/welcome.tsx'

export const pages: ModulePages = {
  routes: [
    { path: '/welcome', area: 'account', page: WelcomePage },
    { path: 'members', area: 'workspace', page: MembersPage },
    { path: 'members/invite', area: 'workspace', page: lazy(() => import('./pages/invite-many.tsx')) },
    { path: 'security', area: 'workspace', page: SecurityPage },
    { path: 'settings', area: 'workspace', page: SettingsPage },
  ],
  navigation: [
    { text: 'tenants.members', path: 'members', icon: Users, permission: 'member:read', group: 'organisation' },
    {
      text: 'tenants.security',
      path: 'security',
      icon: ShieldCheck,
      permission: 'security:read',
      group: 'organisation',
    },
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
}
