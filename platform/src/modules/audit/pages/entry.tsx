import { Bot, KeyRound, type LucideIcon, Server, Shield } from 'lucide-react'
import type { operations } from '#client/generated/schema.d.ts'
import { Avatar } from '#ui/people.tsx'
import { useLanguage, useText } from '#ui/text.tsx'

export type Entry = operations['audit.list']['responses'][200]['content']['application/json']['items'][number]

const icons: Readonly<Record<string, LucideIcon>> = { key: KeyRound, serviceAccount: Bot, support: Shield }

/** Who did it: a person, a service account, a key, one of the staff in a support session, or the platform itself. A person who was erased has no name any more. */
export function Actor({ of: { actor } }: { of: Entry }) {
  const t = useText()
  if (actor.kind === 'person') {
    return (
      <span className="person">
        <Avatar name={actor.name ?? '?'} />
        {actor.name ?? t('audit.unnamed')}
      </span>
    )
  }
  const Icon = icons[actor.kind] ?? Server
  return (
    <span className="person">
      <span className="avatar machine">
        <Icon size={12} aria-hidden />
      </span>
      {actor.name ?? t(actor.kind === 'key' ? 'audit.key' : 'audit.system')}
    </span>
  )
}

/** To the second, for this is evidence. */
export function Instant({ at }: { at: string }) {
  const { region } = useLanguage()
  const instant = new Date(at)
  const text = instant.toLocaleString(region, { dateStyle: 'medium', timeStyle: 'medium' })
  return (
    <time dateTime={at} title={instant.toISOString()}>
      {text}
    </time>
  )
}

/** What people call the record; its id when it carries no name. */
export function nameOf({ before, after, resource }: Entry): string {
  const record = after ?? before ?? {}
  const name = ['name', 'title', 'email'].map((field) => record[field]).find((value) => typeof value === 'string')
  return typeof name === 'string' && name !== '' ? name : `${resource.kind} …${resource.id.slice(-6)}`
}
