import type { TenantState } from '#kernel/context'

/** From which states each transition starts, and where it leads. What is not listed does not happen. */
export const transitions = {
  activate: { from: ['provisioning'], to: 'active' },
  makeReadOnly: { from: ['active', 'suspended'], to: 'read_only' },
  suspend: { from: ['active', 'read_only'], to: 'suspended' },
  reactivate: { from: ['read_only', 'suspended'], to: 'active' },
  cancel: { from: ['active', 'read_only', 'suspended'], to: 'cancelled' },
  // Not to `active`: whoever was suspended must not get free by cancelling and restoring.
  restore: { from: ['cancelled'], to: 'as before' },
  purge: { from: ['cancelled'], to: 'purged' },
} as const satisfies Record<string, { from: readonly TenantState[]; to: TenantState | 'as before' }>

export type Transition = keyof typeof transitions

/** Days between cancelling a tenant and deleting everything in it, for as long as it can be restored. */
export const graceDays = 30
const dayMs = 86_400_000

export interface Standing {
  readonly state: TenantState
  /** Of a cancelled tenant: the state it was in before. */
  readonly stateBefore: TenantState | null
}

/** The state that a transition leads to, or undefined when it does not start here. */
export function stateAfter(transition: Transition, { state, stateBefore }: Standing): TenantState | undefined {
  const { from, to }: { from: readonly TenantState[]; to: TenantState | 'as before' } = transitions[transition]
  if (!from.includes(state)) return undefined
  return to === 'as before' ? (stateBefore ?? undefined) : to
}

/** When a tenant that is cancelled at an instant may be purged; both ISO 8601 UTC. */
export function graceEnd(cancelledAt: string): string {
  return new Date(Date.parse(cancelledAt) + graceDays * dayMs).toISOString()
}
