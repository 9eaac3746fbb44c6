import type { Actor, Tenant, TenantState } from './context.ts'
import { Failure, type FailureKind } from './errors/failure.ts'
import {
  tenantCancelled,
  tenantMissing,
  tenantNotFound,
  tenantProvisioning,
  tenantReadOnly,
  tenantSuspended,
} from './errors/platform-failures.ts'
import type { Operation } from './operation.ts'

/** Which tenant a caller means, and whether it is served at the moment. */

/** A key brings its tenant along; a person names one. */
export function tenantNamed(named: string | undefined, actor: Actor): string {
  const reference = named ?? actor.tenantId
  if (reference === undefined) throw new Failure(tenantMissing)
  return reference
}

/** Asked only once membership is certain: outsiders learn nothing of a tenant's state. */
export function serve(operation: Operation, { state }: Tenant): void {
  if (state === 'active' || operation.alsoIn.includes(state) || operation.permission === 'staff') return
  // A write that records nothing is rolled back, so what emits nothing reads only. A sensitive read goes on record.
  if (state === 'read_only' && (operation.emits.length === 0 || operation.method === 'GET')) return
  throw new Failure(refusals[state], state === 'provisioning' ? { retryAfterSeconds: 1 } : {})
}

const refusals: Readonly<Record<Exclude<TenantState, 'active'>, FailureKind>> = {
  provisioning: tenantProvisioning,
  read_only: tenantReadOnly,
  suspended: tenantSuspended,
  cancelled: tenantCancelled,
  purged: tenantNotFound,
}
