import { ClipboardCheck, UserCog, UsersRound } from 'lucide-react'
import { lazy } from 'react'
import type { ModulePages } from '#web/module-pages.ts'

export const pages: ModulePages = {
  routes: [
    { path: 'members/$id', area: 'workspace', page: lazy(() => import('./pages/member-access.tsx')) },
    {
      path: 'service-accounts/$id/roles',
      area: 'workspace',
      page: lazy(() => import('./pages/service-account-access.tsx')),
    },
    { path: 'access-review', area: 'workspace', page: lazy(() => import('./pages/access-review.tsx')) },
    { path: 'roles', area: 'workspace', page: lazy(() => import('./pages/roles.tsx')) },
    { path: 'roles/$id', area: 'workspace', page: lazy(() => import('./pages/role.tsx')) },
    { path: 'teams', area: 'workspace', page: lazy(() => import('./pages/teams.tsx')) },
    { path: 'teams/$id', area: 'workspace', page: lazy(() => import('./pages/team.tsx')) },
  ],
  navigation: [
    { text: 'access.roles', path: 'roles', icon: UserCog, permission: 'role:read', group: 'organisation' },
    { text: 'access.teams', path: 'teams', icon: UsersRound, permission: 'team:read', group: 'organisation' },
    {
      text: 'access.review',
      path: 'access-review',
      icon: ClipboardCheck,
      permission: 'accessReview:read',
      group: 'organisation',
    },
  ],
  commands: [
    { text: 'access.newRole', path: 'roles', search: { open: 'new' }, icon: UserCog, permission: 'role:create' },
    { text: 'access.newTeam', path: 'teams', search: { open: 'new' }, icon: UsersRound, permission: 'team:create' },
  ],
}
