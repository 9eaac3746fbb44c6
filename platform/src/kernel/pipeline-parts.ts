import type { Access } from './access/access.ts'
import type { Resources } from './access/resource.ts'
import type { Answer, Credentials } from './call.ts'
import type { Actor, PlacementWish, Tenant } from './context.ts'
import type { DatabaseTime } from './database/database-time.ts'
import type { ReadAfter } from './database/log-position.ts'
import type { ReadPlace, Target } from './database/session.ts'
import type { Entitlements } from './entitlement.ts'
import type { Idempotency } from './idempotency/idempotency.ts'
import type { Plan } from './module.ts'
import type { Log } from './observe/log.ts'
import type { TargetKind } from './operation.ts'
import type { Admission } from './overload/admission.ts'
import type { Pages } from './page.ts'
import type { Ports } from './port.ts'
import type { RateLimiter } from './rate/rate-limiter.ts'

/** What the pipeline asks of the modules identity, tenants, access and staff. Answers may be up to a second old. */
export interface Gates {
  /** With a support session: the member as whom one of the staff acts. Fails with `support.session_over`. */
  actorOf(credentials: Credentials): Promise<Actor | undefined>
  tenantOf(reference: string): Promise<Tenant | undefined>
  /** Undefined: the actor is no member. */
  accessOf(tenant: Tenant, actor: Actor): Promise<Access | undefined>
  /** Throws unless the actor is one of those who run the platform, in a session of the console. */
  requireStaff(actor: Actor): Promise<void>
  /** Whether the tenant's own schema or database still lacks a migration that this release needs. */
  isBehind(tenant: Tenant): Promise<boolean>
  /** Drops what is remembered, after something changed that these answers are made of. */
  forget(): void
  /** Drops where one tenant is and what it is, and nothing of anybody else. */
  forgetTenant(tenant: Tenant): void
}

/** Where sessions go. */
export interface Targets {
  of(kind: TargetKind, tenant: Tenant | undefined): Target
  /** A replica that has everything that the caller wrote before; undefined: ask the primary. */
  replicaFor(tenant: Tenant, readAfter: ReadAfter): ReadPlace | undefined
  /** How far the log of a tenant's cell is, where that matters to a replica. */
  positionIn(tenant: Tenant): Promise<Answer['written']>
  /** Where a tenant that is founded now will live. */
  newPlacement(tenantId: string, wish: PlacementWish): Pick<Tenant, 'region' | 'placement'>
}

/** Told of every commit that left something to do in an outbox. */
export interface Relay {
  /** Whether anybody listens to an event. */
  hears(event: string): boolean
  nudge(target: Target): void
  /** Resolves once these messages have been handled, or after `timeoutMs`. */
  handled(target: Target, messageIds: readonly string[], timeoutMs: number): Promise<void>
}

export interface PipelineParts {
  readonly admission: Admission
  readonly rateLimiter: RateLimiter
  readonly entitlements: Entitlements
  readonly idempotency: Idempotency
  readonly gates: Gates
  /** What access knows of the modules' records. */
  readonly resources: Resources
  readonly targets: Targets
  readonly relay: Relay
  readonly pages: Pages
  readonly ports: Ports
  readonly databaseTime: DatabaseTime
  /** The first is the one that a new tenant begins with. */
  readonly plans: readonly [Plan, ...Plan[]]
  readonly log: Log
  readonly now: () => Date
}
