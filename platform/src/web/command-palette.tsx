import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { LucideIcon } from 'lucide-react'
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from 'react'
import { useText } from '#ui/text.tsx'
import { modulePages } from './modules.ts'
import { useMay, useMaySomewhere, useTenant } from './session.ts'

export interface PaletteAction {
  readonly text: string
  readonly icon: LucideIcon
  readonly run: () => void
}

interface PaletteProps {
  readonly open: boolean
  readonly onClose: () => void
  /** The shell's own actions; those of the modules are added here. */
  readonly actions: readonly PaletteAction[]
}

const findMinLetters = 2

/** Goes to any page, record or action by a few letters of its name. Only what one is permitted to is offered. */
export function CommandPalette({ open, onClose, actions }: PaletteProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const t = useText()
  useEffect(() => {
    if (open) ref.current?.showModal()
    else ref.current?.close()
  }, [open])
  return (
    <dialog className="palette" ref={ref} onClose={onClose} aria-label={t('shell.palette')}>
      {open && <Palette actions={actions} onClose={onClose} />}
    </dialog>
  )
}

function Palette({ actions, onClose }: Omit<PaletteProps, 'open'>) {
  const t = useText()
  const id = useId()
  const [typed, setTyped] = useState('')
  const [chosen, setChosen] = useState(0)
  const all = useModuleActions()
  const found = useFound(useDeferredValue(typed.trim()))
  const matching = [...all, ...actions].filter(({ text }) => isIn(text, typed.trim()))
  const offered = [...found, ...matching]
  const current = Math.min(chosen, offered.length - 1)

  const run = (action: PaletteAction | undefined) => {
    if (!action) return
    onClose()
    action.run()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Partial<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 }
    const step = steps[event.key]
    if (event.key === 'Enter') run(offered[current])
    else if (step === undefined) return
    else setChosen((current + step + offered.length) % offered.length)
    event.preventDefault()
  }
  return (
    <>
      <input
        className="palette-input"
        role="combobox"
        aria-expanded
        aria-controls={id}
        aria-activedescendant={offered.length > 0 ? `${id}-${current}` : undefined}
        aria-label={t('shell.palette')}
        placeholder={t('shell.paletteHint')}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setChosen(0)
        }}
        onKeyDown={onKeyDown}
      />
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a combobox needs a listbox that is no form control (ARIA 1.2) */}
      <div className="palette-list" role="listbox" id={id} aria-label={t('shell.palette')}>
        {offered.map((action, index) => (
          <Offer
            key={`${index} ${action.text}`}
            id={`${id}-${index}`}
            action={action}
            isCurrent={index === current}
            onRun={() => run(action)}
          />
        ))}
      </div>
      {offered.length === 0 && <p className="palette-none">{t('shell.paletteNone', { text: typed })}</p>}
    </>
  )
}

function Offer({
  id,
  action: { text, icon: Icon },
  isCurrent,
  onRun,
}: {
  id: string
  action: PaletteAction
  isCurrent: boolean
  onRun: () => void
}) {
  const ref = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (isCurrent) ref.current?.scrollIntoView({ block: 'nearest' })
  }, [isCurrent])
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- the options of that listbox
    <button type="button" role="option" id={id} ref={ref} aria-selected={isCurrent} tabIndex={-1} onClick={onRun}>
      <Icon size={16} aria-hidden />
      {text}
    </button>
  )
}

/** The pages and commands of the modules, as far as they are permitted. */
function useModuleActions(): readonly PaletteAction[] {
  const t = useText()
  const may = useMay()
  const { slug } = useTenant()
  const navigate = useNavigate()
  const maySomewhere = useMaySomewhere()
  const places = modulePages.flatMap(({ navigation, commands = [] }) => [
    ...navigation.filter(({ permission }) => maySomewhere(permission)),
    ...commands.filter(({ permission }) => may(permission)),
  ])
  return places.map((place) => ({
    text: t(place.text),
    icon: place.icon,
    run: () => void navigate({ to: `/o/${slug}/${place.path}`, search: 'search' in place ? (place.search ?? {}) : {} }),
  }))
}

/** Records whose name has the text in it. Those of a letter less stay until they are known: whoever presses Enter is fast. */
function useFound(text: string): readonly PaletteAction[] {
  const maySomewhere = useMaySomewhere()
  const { slug } = useTenant()
  const navigate = useNavigate()
  const finders = modulePages.flatMap(({ find }) => (find && maySomewhere(find.permission) ? [find] : []))
  const { data, isPlaceholderData } = useQuery({
    queryKey: ['find', slug, text],
    queryFn: async () => (await Promise.all(finders.map((finder) => finder.find(text)))).flat(),
    enabled: text.length >= findMinLetters,
    placeholderData: keepPreviousData,
  })
  return useMemo(
    () =>
      (text.length < findMinLetters ? [] : (data ?? []))
        .filter(({ text: name }) => !isPlaceholderData || isIn(name, text))
        .map(({ text: name, icon, path }) => ({
          text: name,
          icon,
          run: () => void navigate({ to: `/o/${slug}/${path}` }),
        })),
    [data, isPlaceholderData, navigate, slug, text],
  )
}

/** Without regard to case and accents, as people type in a hurry. */
function isIn(text: string, typed: string): boolean {
  const plain = (value: string) => value.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  return plain(text).includes(plain(typed))
}
