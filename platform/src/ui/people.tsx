const tints = 4

/** Initials on one of four tints, always the same for the same name. */
export function Avatar({ name, large = false }: { name: string; large?: boolean }) {
  const words = name.trim().split(/\s+/)
  const initials = [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => word?.match(/./u)?.[0] ?? '')
    .join('')
  const tint = Array.from(name).reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 0) % tints
  return (
    <span className={`avatar tint-${tint} ${large ? 'large' : ''}`} aria-hidden>
      {initials.toLocaleUpperCase()}
    </span>
  )
}

/** A person in a list, with the address that tells namesakes apart. */
export function Person({ name, email }: { name: string; email: string }) {
  return (
    <span className="person person-with-email">
      <Avatar name={name} large />
      <span>
        {name}
        <small>{email}</small>
      </span>
    </span>
  )
}
