import type { ReactNode } from 'react'
import { useLanguage } from '#ui/text.tsx'
import { useTheme } from './theme.ts'
import { productName, useTitle } from './title.ts'

/** The layout of pages without an organisation: the product's name, one column, what belongs beside it, a foot. */
export function SignedOut({ title, beside, children }: { title: string; beside?: ReactNode; children: ReactNode }) {
  useTitle(title)
  const { t, locale, setLocale } = useLanguage()
  const [theme, stepTheme] = useTheme()
  return (
    <div className="signed-out">
      <header className="brand">
        <span className="seal" aria-hidden>
          {productName.slice(0, 1)}
        </span>
        {productName}
      </header>
      <div className="columns">
        <main id="content">
          <h1>{title}</h1>
          {children}
        </main>
        {beside}
      </div>
      <footer>
        <button type="button" onClick={stepTheme}>
          {t('shell.theme', { theme: t(`shell.theme.${theme}`) })}
        </button>
        <button type="button" onClick={() => setLocale(locale === 'en' ? 'es' : 'en')}>
          {t('shell.language')}
        </button>
      </footer>
    </div>
  )
}
