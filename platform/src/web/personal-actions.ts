import { useNavigate } from '@tanstack/react-router'
import { Languages, LogOut, Moon, Plus, UserRound } from 'lucide-react'
import { useLanguage } from '#ui/text.tsx'
import type { PaletteAction } from './command-palette.tsx'
import { signOut } from './sign-out.ts'
import { useTheme } from './theme.ts'

/** What everybody may do from everywhere: in the menu of the account, and in the command palette. */
export function usePersonalActions(): readonly PaletteAction[] {
  const navigate = useNavigate()
  const { t, locale, setLocale } = useLanguage()
  const [theme, stepTheme] = useTheme()
  return [
    { text: t('shell.account'), icon: UserRound, run: () => void navigate({ to: '/account' }) },
    { text: t('shell.theme', { theme: t(`shell.theme.${theme}`) }), icon: Moon, run: stepTheme },
    { text: t('shell.language'), icon: Languages, run: () => setLocale(locale === 'en' ? 'es' : 'en') },
    { text: t('shell.new'), icon: Plus, run: () => void navigate({ to: '/welcome' }) },
    { text: t('shell.signOut'), icon: LogOut, run: () => void signOut() },
  ]
}
