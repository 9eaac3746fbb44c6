import { createContext, type FormEvent, type ReactNode, useContext, useEffect, useRef, useState } from 'react'
import { Banner } from './banner.tsx'
import { Button } from './button.tsx'
import { useText } from './text.tsx'

/** What a failed save says: for the whole form, and for its fields by JSON pointer (`#/name`). */
export interface FormFailure {
  readonly detail: string
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
}

/** A form's own refusal, before anything is sent. */
export class FormProblem extends Error {
  readonly failure: FormFailure

  constructor(failure: FormFailure) {
    super(failure.detail)
    this.failure = failure
  }
}

const FieldErrors = createContext<Readonly<Record<string, string>>>({})

/** The error of one field of the form around, if it has one. */
export function useFieldError(name: string): string | undefined {
  return useContext(FieldErrors)[name]
}

interface FormProps {
  /** Gets the fields' values by name. What it throws is shown: a FormFailure on its fields, anything else by `failureOf`. */
  readonly onSubmit: (values: Record<string, string>, data: FormData) => Promise<unknown>
  readonly failureOf: (error: unknown) => FormFailure
  readonly children: (busy: boolean) => ReactNode
}

/** A form that sends once, keeps what was typed when saving fails, and puts each error beside its field. */
export function Form({ onSubmit, failureOf, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<FormFailure & { readonly onFields: boolean }>()
  const errors = Object.fromEntries((failure?.errors ?? []).map(({ pointer, detail }) => [fieldOf(pointer), detail]))

  useEffect(() => {
    if (failure) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [failure])

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (busy) return
    const data = new FormData(event.currentTarget)
    const values = Object.fromEntries([...data].map(([name, value]) => [name, typeof value === 'string' ? value : '']))
    setBusy(true)
    setFailure(undefined)
    try {
      await onSubmit(values, data)
    } catch (error) {
      const said = error instanceof FormProblem ? error.failure : failureOf(error)
      const onFields = said.errors?.some(({ pointer }) => form.current?.elements.namedItem(fieldOf(pointer))) ?? false
      setFailure({ ...said, onFields })
    } finally {
      setBusy(false)
    }
  }

  return (
    <FieldErrors value={errors}>
      <form className="form" ref={form} noValidate onSubmit={(event) => void submit(event)}>
        {failure && !failure.onFields && <Banner tone="bad">{failure.detail}</Banner>}
        {children(busy)}
      </form>
    </FieldErrors>
  )
}

/** `#/address/city` is about the field `address`. */
function fieldOf(pointer: string): string {
  return pointer.split('/').at(1) ?? ''
}

/** The foot of a form in a dialog. */
export function FormActions({
  save,
  tone = 'primary',
  busy,
  dismiss,
  onCancel,
}: {
  save: string
  tone?: 'primary' | 'danger'
  busy: boolean
  /** The word on the way out, where "Cancel" is what the form itself does. */
  dismiss?: string | undefined
  onCancel: () => void
}) {
  const t = useText()
  return (
    <footer>
      <Button tone="bare" onClick={onCancel}>
        {dismiss ?? t('ui.cancel')}
      </Button>
      <Button type="submit" tone={tone} busy={busy}>
        {save}
      </Button>
    </footer>
  )
}
