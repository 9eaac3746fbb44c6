import type { operations } from '#client/generated/schema.d.ts'
import { Status, type StatusLook } from '#ui/status.tsx'
import { useText } from '#ui/text.tsx'

export type Tenant = operations['staffTenants.read']['responses'][200]['content']['application/json']
export type State = Tenant['state']

const looks: Readonly<Record<State, StatusLook>> = {
  provisioning: 'going',
  active: 'good',
  read_only: 'warn',
  suspended: 'paused',
  cancelled: 'bad',
  purged: 'open',
}

export const states = Object.keys(looks) as State[]

/** Where a tenant is in its life. */
export function TenantState({ state }: { state: State }) {
  const t = useText()
  return <Status look={looks[state]}>{t(`staff.state.${state}`)}</Status>
}
