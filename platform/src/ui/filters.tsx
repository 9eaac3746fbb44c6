import { Search, X } from 'lucide-react'
import { type ReactNode, useRef, useState } from 'react'
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
  const [shownFor, setShownFor] = useState(value)
  if (shownFor !== value) {
    setShownFor(value)
    setTyped(value)
  }
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

interface FilterProps {
  readonly label: string
  readonly value: string | undefined
  readonly onChange: (value: string | undefined) => void
}

/** One filter: its name, a choice, and a way to drop it when it is set. */
export function FilterSelect({
  label,
  value,
  none,
  options,
  onChange,
}: FilterProps & {
  options: readonly (readonly [value: string, label: string])[]
  /** What the list shows while this is not set; absent: anything. */
  none?: string
}) {
  const t = useText()
  return (
    <span className="token">
      <label>
        <span>{label}</span>
        <select value={value ?? ''} onChange={(event) => onChange(event.target.value || undefined)}>
          <option value="">{none ?? t('ui.any')}</option>
          {options.map(([each, text]) => (
            <option key={each} value={each}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {value !== undefined && (
        <button type="button" aria-label={`${t('ui.clear')}: ${label}`} onClick={() => onChange(undefined)}>
          <X size={14} aria-hidden />
        </button>
      )}
    </span>
  )
}

/** A day to begin or end with. */
export function DateField({ label, value, onChange }: FilterProps) {
  return (
    <span className="token">
      <label>
        <span>{label}</span>
        <input
          type="date"
          aria-label={label}
          value={value ?? ''}
          onChange={(event) => onChange(event.target.value || undefined)}
        />
      </label>
    </span>
  )
}

/** A word to narrow by, taken over with Enter or on leaving the field. One that the API would refuse is not asked for. */
export function WordField({ label, help, value, pattern, onChange }: FilterProps & { help: string; pattern: string }) {
  const t = useText()
  return (
    <span className="token">
      <label>
        <span>{label}</span>
        <input
          key={value ?? ''}
          type="text"
          aria-label={label}
          spellCheck={false}
          autoComplete="off"
          placeholder={t('ui.any')}
          pattern={pattern}
          title={help}
          defaultValue={value ?? ''}
          onBlur={({ target }) => {
            if (target.value !== (value ?? '') && target.reportValidity()) onChange(target.value || undefined)
          }}
          onKeyDown={({ key, currentTarget }) => {
            if (key === 'Enter') currentTarget.blur()
          }}
        />
      </label>
      {value !== undefined && (
        <button type="button" aria-label={`${t('ui.clear')}: ${label}`} onClick={() => onChange(undefined)}>
          <X size={14} aria-hidden />
        </button>
      )}
    </span>
  )
}
