import type { ComponentProps, ReactNode } from 'react'

interface ButtonProps extends ComponentProps<'button'> {
  readonly tone?: 'primary' | 'plain' | 'bare' | 'danger'
  readonly size?: 'small' | 'regular' | 'large'
  /** Shows that work is under way, and takes no second click. */
  readonly busy?: boolean
  readonly icon?: ReactNode
}

/** A button. With `icon` and no children give it an `aria-label`: it becomes a square one. */
export function Button({
  tone = 'plain',
  size = 'regular',
  busy = false,
  icon,
  children,
  disabled,
  ...rest
}: ButtonProps) {
  const shape = children === undefined ? 'square' : ''
  return (
    <button
      type="button"
      {...rest}
      className={`button ${tone} ${size} ${shape}`}
      disabled={disabled === true || busy}
      aria-busy={busy}
    >
      {busy ? <span className="spinner" /> : icon}
      {children}
    </button>
  )
}
