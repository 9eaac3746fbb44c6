import type { Actor } from './context.ts'
import { Failure } from './errors/failure.ts'
import { supportForbidden, supportReadOnly } from './errors/platform-failures.ts'
import type { EventKind, Method, Permission } from './operation.ts'

/**
 * What staff may do with an operation in a support session, in which they act as a member of the tenant: `read` always,
 * `write` once the session was raised, `never` whatever the member may.
 */
export type SupportUse = 'read' | 'write' | 'never'

/**
 * What holds where an operation says nothing: reads are read and writes written. Never what works outside tenants, what
 * asks people for a fresh proof, what changes who may do what, and what takes data away.
 */
export function supportUseOf(
  method: Method,
  facts: {
    readonly permission: Permission
    readonly stepUp?: true
    readonly emits?: readonly EventKind[]
    readonly priority?: 'export'
  },
): SupportUse {
  const { permission, stepUp, emits = [], priority } = facts
  const isOfTenant = permission.includes(':')
  const opensDoors = stepUp === true || emits.some(({ changesAccess }) => changesAccess)
  const takesAway = priority === 'export' || (method === 'GET' && emits.length > 0)
  if (!isOfTenant || opensDoors || takesAway) return 'never'
  return method === 'GET' ? 'read' : 'write'
}

/** Throws `support.forbidden` or `support.read_only` when this is out of reach of the actor's support session. */
export function permitSupport(use: SupportUse, { support }: Actor): void {
  if (!support || use === 'read') return
  if (use === 'never') throw new Failure(supportForbidden)
  if (!support.mayWrite) throw new Failure(supportReadOnly)
}
