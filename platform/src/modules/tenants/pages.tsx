import { Building2, ShieldCheck, UserPlus, Users } from 'lucide-react'
import { lazy } from 'react'
import type { ModulePages } from '#web/module-pages.ts'
import MembersPage from './pages/members.tsx'

export const pages: ModulePages = {
  routes: [
    { path: '/welcome', area: 'account', page: lazy(() => import('./pages/welcome.tsx')) },
    { path: '/welcome/invite', area: 'account', page: lazy(() => import('./pages/first-invitations.tsx')) },
    { path: 'members', area: 'workspace', page: MembersPage },
    { path: 'members/invite', area: 'workspace', page: lazy(() => import('./pages/invite-many.tsx')) },
    { path: 'security', area: 'workspace', page: lazy(() => import('./pages/security.tsx')) },
    { path: 'settings', area: 'workspace', page: lazy(() => import('./pages/settings.tsx')) },
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
  onboarding: [
    { key: 'tenants.name', text: 'tenants.beginName', help: 'tenants.beginNameHelp' },
    {
      key: 'tenants.invite',
      text: 'tenants.beginInvite',
      help: 'tenants.beginInviteHelp',
      path: 'members',
      search: { open: 'invite' },
    },
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
