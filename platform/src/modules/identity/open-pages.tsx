import type { OpenPage } from '#web/module-pages.ts'
import ForgotPage from './pages/forgot.tsx'
import ResetPage from './pages/reset.tsx'
import SecondFactorPage from './pages/second-factor.tsx'
import SignInPage from './pages/sign-in.tsx'
import SignUpPage from './pages/sign-up.tsx'
import VerifyPage from './pages/verify.tsx'

export const openPages: readonly OpenPage[] = [
  { path: '/sign-in', page: SignInPage },
  { path: '/second-factor', page: SecondFactorPage },
  { path: '/sign-up', page: SignUpPage },
  { path: '/verify', page: VerifyPage },
  { path: '/forgot', page: ForgotPage },
  { path: '/reset', page: ResetPage },
]
