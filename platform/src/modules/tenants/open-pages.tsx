import type { OpenPage } from '#web/module-pages.ts'
import InvitationPage from './pages/invitation.tsx'

export const openPages: readonly OpenPage[] = [{ path: '/invitation', page: InvitationPage }]
