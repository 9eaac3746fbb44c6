import { Building2 } from 'lucide-react'
import type { StaffPages } from '#web/module-pages.ts'
import TenantPage from './pages/tenant.tsx'
import TenantsPage from './pages/tenants.tsx'

export const staffPages: StaffPages = {
  routes: [
    { path: 'tenants', page: TenantsPage },
    { path: 'tenants/$id', page: TenantPage },
  ],
  navigation: [{ text: 'staff.tenants', path: 'tenants', icon: Building2, group: 'tenants' }],
}
