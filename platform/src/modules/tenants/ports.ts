import type { Tenant } from '#kernel/context'
import type { OnboardingStep, Plan } from '#kernel/module'
import { port } from '#kernel/port'

/** Makes the schema or the database that a tenant's placement names; a second time it finds it and changes nothing. */
export interface Places {
  provide(tenant: Tenant): Promise<void>
}
export const places = port<Places>('places of tenants')

/** A place that tenants can be founded in. */
export interface CellFacts {
  readonly name: string
  readonly region: string
  /** Only who names it comes there. */
  readonly reserved: boolean
}
/** The cells of this installation, the one of everybody first. */
export const cells = port<readonly CellFacts[]>('cells')

/** What tenants can agree to; the first is what they begin with. */
export const plans = port<readonly Plan[]>('plans')

/** What all modules say there is to begin with in an organisation, by key. */
export const onboardingSteps = port<Readonly<Record<string, OnboardingStep>>>('steps of onboarding')

/** Who has an account with that confirmed address. */
export const accountByEmail =
  port<(email: string) => Promise<{ userId: string; name: string; email: string; locale: 'en' | 'es' } | undefined>>(
    'accounts by e-mail',
  )

/** Calls an operation by name as the platform itself, through the whole pipeline. */
export const systemCalls = port<(operation: string, input: object) => Promise<unknown>>('calls by the system')

/**
 * Deletes rows of a purged tenant, wherever its modules keep any, and says whether there may be more: one call deletes at
 * most so many that it ends within seconds. Audit events stay, without their values.
 */
export const tenantErasure = port<(tenant: Tenant) => Promise<boolean>>('erasure of tenants')

/** Writes a member's new address in the place of a tenant. */
export const memberAddress =
  port<(member: { tenantId: string; userId: string; email: string }) => Promise<void>>('addresses of members')
