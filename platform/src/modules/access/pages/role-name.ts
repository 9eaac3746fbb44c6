import { useText } from '#ui/text.tsx'
import type { Role } from './access-queries.ts'

/** A role of the system is called what the list of members calls it. */
export function useRoleName(): (role: Pick<Role, 'name' | 'system'>) => string {
  const t = useText()
  return ({ name, system }) => (system === null ? name : t(`tenants.${system}`))
}
