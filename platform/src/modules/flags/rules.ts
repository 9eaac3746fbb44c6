import { hash } from 'node:crypto'
import type { SystemRole } from '#kernel/module'

/** What staff have said of a flag. Where they have said nothing, it is as it was declared. */
export interface Rules {
  /** `rules`: by all that follows. */
  readonly state: 'rules' | 'on' | 'off'
  readonly roles: readonly SystemRole[]
  readonly plans: readonly string[]
  /** Of tenants, 0 to 100. */
  readonly percentage: number | null
  /** ISO 8601 UTC; null: always was, or for ever. */
  readonly startsAt: string | null
  readonly endsAt: string | null
  /** By tenant, whether it is on there. */
  readonly tenants: ReadonlyMap<string, boolean>
}

/** For whom it is asked. What is absent fits no rule. */
export interface Asker {
  readonly tenantId?: string | undefined
  readonly plan?: string | undefined
  readonly roles: readonly string[]
}

export interface Decision {
  readonly on: boolean
  /** The rule that decided. */
  readonly by: 'default' | 'state' | 'tenant' | 'role' | 'plan' | 'percentage' | 'nothing'
}

/**
 * Whether a flag is on. The first of these that fits decides: off for everybody; outside the schedule, as declared; on for
 * everybody; the tenant itself; a role; the plan; the percentage. Where none fits it is off if there is such a rule, and as
 * declared if there is none.
 */
export function decide(key: string, declared: boolean, rules: Rules | undefined, asker: Asker, now: string): Decision {
  if (!rules) return { on: declared, by: 'default' }
  const { state, tenants, roles, plans, percentage } = rules
  if (state === 'off') return { on: false, by: 'state' }
  if (!isWithin(rules, now)) return { on: declared, by: 'default' }
  if (state === 'on') return { on: true, by: 'state' }
  const { tenantId, plan } = asker
  const named = tenantId === undefined ? undefined : tenants.get(tenantId)
  if (named !== undefined) return { on: named, by: 'tenant' }
  if (asker.roles.some((role) => (roles as readonly string[]).includes(role))) return { on: true, by: 'role' }
  if (plan !== undefined && plans.includes(plan)) return { on: true, by: 'plan' }
  if (percentage !== null && tenantId !== undefined && placeOf(key, tenantId) < percentage)
    return { on: true, by: 'percentage' }
  const isNarrowed = roles.length > 0 || plans.length > 0 || percentage !== null
  return isNarrowed ? { on: false, by: 'nothing' } : { on: declared, by: 'default' }
}

function isWithin({ startsAt, endsAt }: Rules, now: string): boolean {
  return (startsAt === null || startsAt <= now) && (endsAt === null || now < endsAt)
}

/**
 * Where a tenant stands between 0 and 100 for one flag, always the same: who is among 10 % is among 20 %. Another flag puts
 * the tenants in another order, so that the same ones are not first each time.
 */
export function placeOf(key: string, tenantId: string): number {
  return (hash('sha256', `${key} ${tenantId}`, 'buffer').readUInt32BE(0) / 2 ** 32) * 100
}
