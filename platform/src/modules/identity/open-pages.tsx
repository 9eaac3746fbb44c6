import type { OpenPage } from '#web/module-pages.ts'
import BeginRecoveryPage from './pages/begin-recovery.tsx'
import CancelRecoveryPage from './pages/cancel-recovery.tsx'
import ConfirmAddressPage from './pages/confirm-address.tsx'
import ForgotPage from './pages/forgot.tsx'
import RecoverPage from './pages/recover.tsx'
import ResetPage from './pages/reset.tsx'
import SecondFactorPage from './pages/second-factor.tsx'
import SignInPage from './pages/sign-in.tsx'
import SignUpPage from './pages/sign-up.tsx'
import UndoAddressPage from './pages/undo-address.tsx'
import VerifyPage from './pages/verify.tsx'

export const openPages: readonly OpenPage[] = [
  { path: '/sign-in', page: SignInPage },
  { path: '/second-factor', page: SecondFactorPage },
  { path: '/sign-up', page: SignUpPage },
  { path: '/verify', page: VerifyPage },
  { path: '/confirm-address', page: ConfirmAddressPage },
  { path: '/undo-address', page: UndoAddressPage },
  { path: '/recover', page: RecoverPage },
  { path: '/begin-recovery', page: BeginRecoveryPage },
  { path: '/cancel-recovery', page: CancelRecoveryPage },
  { path: '/forgot', page: ForgotPage },
  { path: '/reset', page: ResetPage },
]
