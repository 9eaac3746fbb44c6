import { Building2, UserPlus, Users } from 'lucide-react'
import type { ModulePages } from '#web/module-pages.ts'
import MembersPage from './pages/members.tsx'
import SettingsPage from './pages/settings.tsx'
import WelcomePage from './pages/welcome.tsx'

export const pages: ModulePages = {
  routes: [
    { path: '/welcome', area: 'account', page: WelcomePage },
    { path: 'members', area: 'workspace', page: MembersPage },
    { path: 'settings', area: 'workspace', page: SettingsPage },
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
}
