import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'

export type Locale = 'en' | 'es'
/** Words by key. `{name}` stands for a value; `key.one` and `key.other` are chosen by `count`. */
export type Words = Readonly<Record<string, string>>
export type Catalogue = Readonly<Record<Locale, Words>>
export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string

interface Language {
  readonly locale: Locale
  /** The language with the region of this browser, for dates and numbers: 21 Nov here, Nov 21 there. */
  readonly region: string
  readonly setLocale: (locale: Locale) => void
  readonly t: Translate
}

const LanguageContext = createContext<Language | undefined>(undefined)
const storageKey = 'tenantry.locale'

/** Gives everything below it its words, in the language that was chosen or that the browser asks for. */
export function LanguageProvider({ catalogues, children }: { catalogues: readonly Catalogue[]; children: ReactNode }) {
  const [locale, setLocale] = useState<Locale>(() => startLocale())
  useEffect(() => {
    document.documentElement.lang = locale
    localStorage.setItem(storageKey, locale)
  }, [locale])
  const language = useMemo(() => {
    const words: Words = Object.assign({}, ...catalogues.map((catalogue) => catalogue[locale]))
    return { locale, region: regionOf(locale), setLocale, t: translator(locale, words) }
  }, [catalogues, locale])
  return <LanguageContext value={language}>{children}</LanguageContext>
}

export function useLanguage(): Language {
  const language = useContext(LanguageContext)
  if (!language) throw new Error('useLanguage needs a LanguageProvider around it')
  return language
}

export function useText(): Translate {
  return useLanguage().t
}

function startLocale(): Locale {
  const chosen = localStorage.getItem(storageKey)
  if (chosen === 'en' || chosen === 'es') return chosen
  return navigator.language.startsWith('es') ? 'es' : 'en'
}

function regionOf(locale: Locale): string {
  return navigator.languages.find((each) => each.startsWith(`${locale}-`)) ?? { en: 'en-GB', es: 'es-ES' }[locale]
}

/** A missing key shows itself, so that it is seen. */
export function translator(locale: Locale, words: Words): Translate {
  const plural = new Intl.PluralRules(locale)
  return (key, values = {}) => {
    const count = values['count']
    const form =
      typeof count === 'number' ? (words[`${key}.${plural.select(count)}`] ?? words[`${key}.other`]) : undefined
    const text = form ?? words[key] ?? key
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
  }
}
