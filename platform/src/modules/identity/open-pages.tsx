import { lazy } from 'react'
import type { OpenPage } from '#web/module-pages.ts'
import SecondFactorPage from './pages/second-factor.tsx'
import SignInPage from './pages/sign-in.tsx'
import SignUpPage from './pages/sign-up.tsx'

export const openPages: readonly OpenPage[] = [
  { path: '/sign-in', page: SignInPage },
  { path: '/second-factor', page: SecondFactorPage },
  { path: '/sign-up', page: SignUpPage },
  { path: '/verify', page: lazy(() => import('./pages/verify.tsx')) },
  { path: '/confirm-address', page: lazy(() => import('./pages/confirm-address.tsx')) },
  { path: '/undo-address', page: lazy(() => import('./pages/undo-address.tsx')) },
  { path: '/recover', page: lazy(() => import('./pages/recover.tsx')) },
  { path: '/begin-recovery', page: lazy(() => import('./pages/begin-recovery.tsx')) },
  { path: '/cancel-recovery', page: lazy(() => import('./pages/cancel-recovery.tsx')) },
  { path: '/forgot', page: lazy(() => import('./pages/forgot.tsx')) },
  { path: '/reset', page: lazy(() => import('./pages/reset.tsx')) },
]
