import { useState } from 'react'

export type Theme = 'light' | 'dark' | 'system'
const key = 'tenantry.theme'
const order: readonly Theme[] = ['system', 'light', 'dark']

/** The theme that was chosen, and a step to the next one; `index.html` applies it before the first paint. */
export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(() => order.find((each) => each === localStorage.getItem(key)) ?? 'system')
  const step = () => {
    const next = order[(order.indexOf(theme) + 1) % order.length] ?? 'system'
    localStorage.setItem(key, next)
    if (next === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = next
    setTheme(next)
  }
  return [theme, step]
}
