import { Search, X } from 'lucide-react'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useText } from './text.tsx'

const settleMs = 250

/** What a list is narrowed by. */
export function Filters({ children }: { children: ReactNode }) {
  return <search className="filters">{children}</search>
}

/** Reports what was typed once the typing has settled. `/` goes there. */
export function SearchField({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (value: string) => void
}) {
  const [typed, setTyped] = useState(value)
  const settling = useRef<ReturnType<typeof setTimeout>>(undefined)
  // Back, or "clear filters", changes the value from outside.
  useEffect(() => setTyped(value), [value])
  const type = (text: string) => {
    setTyped(text)
    clearTimeout(settling.current)
    settling.current = setTimeout(() => onChange(text), settleMs)
  }
  return (
    <div className="search-field">
      <Search size={14} aria-hidden />
      <input
        className="input"
        type="search"
        aria-label={label}
        placeholder={label}
        value={typed}
        data-shortcut="/"
        onChange={(event) => type(event.target.value)}
      />
      <kbd aria-hidden>/</kbd>
    </div>
  )
}

/** One filter: its name, a choice, and a way to drop it when it is set. */
export function FilterSelect({
  label,
  value,
  options,
  onChange,
}: {
  label: string
  value: string | undefined
  options: readonly (readonly [value: string, label: string])[]
  onChange: (value: string | undefined) => void
}) {
  const id = useId()
  const t = useText()
  return (
    <span className="token">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value ?? ''} onChange={(event) => onChange(event.target.value || undefined)}>
        <option value="">{t('ui.any')}</option>
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
      {value !== undefined && (
        <button type="button" aria-label={`${t('ui.clear')}: ${label}`} onClick={() => onChange(undefined)}>
          <X size={14} aria-hidden />
        </button>
      )}
    </span>
  )
}

/** A day to begin or end with. */
export function DateField({
  label,
  value,
  onChange,
}: {
  label: string
  value: string | undefined
  onChange: (value: string | undefined) => void
}) {
  const id = useId()
  return (
    <span className="token">
      <label htmlFor={id}>{label}</label>
      <input id={id} type="date" value={value ?? ''} onChange={(event) => onChange(event.target.value || undefined)} />
    </span>
  )
}
