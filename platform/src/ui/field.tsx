import { CircleAlert } from 'lucide-react'
import { type ComponentProps, type ReactNode, useId, useState } from 'react'
import { Button } from './button.tsx'
import { useFieldError } from './form.tsx'
import { useText } from './text.tsx'

interface FieldProps {
  readonly name: string
  readonly label: ReactNode
  readonly help?: ReactNode
}

/** Label, control, help and error of one field; the error comes from the form, by the field's name. */
function Field({
  name,
  label,
  help,
  children,
}: FieldProps & {
  children: (attributes: { id: string; 'aria-invalid'?: true; 'aria-describedby'?: string }) => ReactNode
}) {
  const id = useId()
  const error = useFieldError(name)
  const described = error !== undefined || help !== undefined ? { 'aria-describedby': `${id}-note` } : {}
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, ...described, ...(error === undefined ? {} : { 'aria-invalid': true as const }) })}
      {error === undefined ? (
        help !== undefined && (
          <p className="help" id={`${id}-note`}>
            {help}
          </p>
        )
      ) : (
        <p className="error" id={`${id}-note`}>
          <CircleAlert size={14} aria-hidden />
          {error}
        </p>
      )}
    </div>
  )
}

/** One line of text. */
export function TextField({ label, help, ...input }: FieldProps & Omit<ComponentProps<'input'>, 'name'>) {
  return (
    <Field name={input.name} label={label} help={help}>
      {(attributes) => <input className="input" type="text" {...input} {...attributes} />}
    </Field>
  )
}

/** A password, which can be looked at. Pasting and password managers work. */
export function PasswordField({ label, help, ...input }: FieldProps & Omit<ComponentProps<'input'>, 'name'>) {
  const [shown, setShown] = useState(false)
  const t = useText()
  return (
    <Field name={input.name} label={label} help={help}>
      {(attributes) => (
        <div className="input-with-action">
          <input className="input" {...input} {...attributes} type={shown ? 'text' : 'password'} />
          <Button tone="bare" size="small" aria-pressed={shown} onClick={() => setShown(!shown)}>
            {t(shown ? 'ui.hide' : 'ui.show')}
          </Button>
        </div>
      )}
    </Field>
  )
}

export function TextArea({ label, help, ...input }: FieldProps & Omit<ComponentProps<'textarea'>, 'name'>) {
  return (
    <Field name={input.name} label={label} help={help}>
      {(attributes) => <textarea className="input" rows={5} {...input} {...attributes} />}
    </Field>
  )
}

/** One of a few; native, so that it is right on every device. */
export function SelectField({
  label,
  help,
  options,
  ...input
}: FieldProps &
  Omit<ComponentProps<'select'>, 'name'> & { options: readonly (readonly [value: string, label: string])[] }) {
  return (
    <Field name={input.name} label={label} help={help}>
      {(attributes) => (
        <select className="input" {...input} {...attributes}>
          {options.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

export function Checkbox({ label, ...input }: ComponentProps<'input'> & { label: ReactNode }) {
  return (
    <label className="choice">
      <input type="checkbox" {...input} />
      <span>{label}</span>
    </label>
  )
}
