import { Building2, ScrollText, Settings2, User } from 'lucide-react'
import type { StaffPages } from '#web/module-pages.ts'
import ActionsPage from './pages/actions.tsx'
import ConfigurationPage from './pages/configuration.tsx'
import TenantPage from './pages/tenant.tsx'
import TenantsPage from './pages/tenants.tsx'
import UserPage from './pages/user.tsx'
import UsersPage from './pages/users.tsx'

export const staffPages: StaffPages = {
  routes: [
    { path: 'tenants', page: TenantsPage },
    { path: 'tenants/$id', page: TenantPage },
    { path: 'users', page: UsersPage },
    { path: 'users/$id', page: UserPage },
    { path: 'actions', page: ActionsPage },
    { path: 'configuration', page: ConfigurationPage },
  ],
  navigation: [
    { text: 'staff.tenants', path: 'tenants', icon: Building2, group: 'tenants' },
    { text: 'staff.users', path: 'users', icon: User, group: 'tenants' },
    { text: 'staff.actions.title', path: 'actions', icon: ScrollText, group: 'operation' },
    { text: 'staff.configuration', path: 'configuration', icon: Settings2, group: 'operation' },
  ],
}
