import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'

export type Locale = 'en' | 'es'
/** Words by key. `{name}` stands for a value; `key.one` and `key.other` are chosen by `count`. */
export type Words = Readonly<Record<string, string>>
/** Where the words of each language are; only one of the files is loaded. */
export type WordFiles = Readonly<Record<Locale, () => Promise<{ words: Words }>>>
export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string

interface Language {
  readonly locale: Locale
  /** The language with the region of this browser, for dates and numbers: 21 Nov here, Nov 21 there. */
  readonly region: string
  readonly setLocale: (locale: Locale) => void
  readonly t: Translate
}

interface Spoken {
  readonly locale: Locale
  readonly words: Words
}

const LanguageContext = createContext<Language | undefined>(undefined)
const storageKey = 'tenantry.locale'

/** The words of one language, or of the one that was chosen or that the browser asks for. */
export async function loadWords(files: WordFiles, locale: Locale = startLocale()): Promise<Spoken> {
  const { words } = await files[locale]()
  return { locale, words }
}

/** Gives everything below it its words. They are loaded before anything is shown. */
export function LanguageProvider({ files, start, children }: { files: WordFiles; start: Spoken; children: ReactNode }) {
  const [{ locale, words }, setSpoken] = useState(start)
  useEffect(() => {
    document.documentElement.lang = locale
  }, [locale])
  const language = useMemo(() => {
    const setLocale = (next: Locale) => {
      localStorage.setItem(storageKey, next)
      void loadWords(files, next).then(setSpoken)
    }
    return { locale, region: regionOf(locale), setLocale, t: translator(locale, words) }
  }, [files, locale, words])
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
