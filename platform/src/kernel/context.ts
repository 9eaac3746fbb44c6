import type { Access, RecordName } from './access/access.ts'
import type { Session } from './database/session.ts'
import type { Sql } from './database/statement.ts'
import type { FailureDetails, FailureKind } from './errors/failure.ts'
import type { Log } from './observe/log.ts'
import type { EventKind, JobKind } from './operation.ts'
import type { Port } from './port.ts'

/**
 * Where a tenant is in its life: being set up, in use, readable only, blocked, cancelled by its owner or by staff and kept
 * for the grace period, and gone for good.
 */
export type TenantState = 'provisioning' | 'active' | 'read_only' | 'suspended' | 'cancelled' | 'purged'

/** A tenant as the directory knows it. */
export interface Tenant {
  readonly id: string
  /** Empty while it has none: before it is named, and once it is purged. */
  readonly slug: string
  readonly name: string
  readonly state: TenantState
  /** Everything of it stays in cells of this region. */
  readonly region: string
  /** The key of its plan. */
  readonly plan: string
  readonly placement: Placement
  /** Absent while the tenant is only named: the directory knows it. */
  readonly sessions?: SessionPolicy
}

/** What a tenant asks of its people's sessions beyond being signed in. Null: nothing beyond what the platform asks. */
export interface SessionPolicy {
  readonly mfaRequired: boolean
  readonly idleTimeoutMinutes: number | null
  readonly sessionMaxHours: number | null
}

/** Where a tenant's rows are. `version` goes up with every move, so that a stale copy is recognised. */
export interface Placement {
  readonly cell: string
  readonly model: 'pool' | 'bridge' | 'silo'
  readonly version: number
  /** The password of a silo's login role, sealed (see silo-credential.ts). */
  readonly credential?: string
}

/** What is asked of the place of a tenant that is being founded; what is left open the platform decides. */
export interface PlacementWish {
  readonly model?: Placement['model'] | undefined
  readonly region?: string | undefined
  readonly cell?: string | undefined
}

/** Who acts. `name` is for the audit log's reader: a person's own, a service account's with its key's, a command's. */
export interface Actor {
  readonly kind: 'person' | 'serviceAccount' | 'key' | 'system' | 'nobody'
  readonly id: string
  readonly name: string
  /** A person's address, confirmed. */
  readonly email?: string
  /** What a key may do, looked up together with who it is; absent for people. */
  readonly access?: Access
  /** The tenant that a key belongs to; absent for people. */
  readonly tenantId?: string
  /** The session that a person is signed in with. */
  readonly sessionId?: string
  /** How a person came in; absent for keys, the platform, and people in whose name the command line acts. */
  readonly signIn?: SignInFacts
  /** Present while one of the staff acts as this member of a tenant: everything else says who the member is. */
  readonly support?: SupportFacts
}

/** Who really acts in a support session. */
export interface SupportFacts {
  readonly sessionId: string
  readonly staffId: string
  /** For the audit log's reader. */
  readonly staffName: string
  /** Whether the session was raised from reading to changing. */
  readonly mayWrite: boolean
}

/** For rules that ask how sure it is that somebody is who they say. Instants in ISO 8601 UTC. */
export interface SignInFacts {
  readonly startedAt: string
  /** When it was last used in a tenant that limits idle time; else when it began. */
  readonly seenAt: string
  /** When the person last proved a password or a second factor, here or to the outside issuer. */
  readonly provedAt: string
  readonly hasSecondFactor: boolean
  /** Whether it is a session of the staff console, which is none of the workspace. */
  readonly isConsole: boolean
}

/** By which door the actor came. `support`: staff in a tenant, by a support session. */
export type Via = 'workspace' | 'console' | 'support' | 'api' | 'command' | 'relay'

/** What happened to one resource, for the audit log and for whoever listens. */
export interface Change {
  /** The record before; absent when it was created. */
  readonly before?: object
  /** The record after; absent when it is gone. */
  readonly after?: object
  /** The resource's id; needed only when neither `before` nor `after` has an `id`. */
  readonly resourceId?: string
}

/** What an operation, job or listener has at hand. */
export interface OpenCtx {
  readonly actor: Actor
  readonly db: Session
  /** Reads of the control database under the same tenant and actor. */
  readonly control: Session
  /** The instant at which the operation began, ISO 8601 UTC: rules read no other clock. */
  readonly now: string
  readonly via: Via
  readonly locale: 'en' | 'es'
  readonly requestId: string
  /** The caller's address, for throttling and the audit log. */
  readonly address: string | undefined
  /** The token of the session cookie that came along, whatever it is worth: signing in goes on with it. */
  readonly sessionToken: string | undefined
  /** How the caller's program names itself, at most 300 characters; shown in the list of sessions. */
  readonly userAgent: string | undefined
  /** The implementation that this installation uses for something outside: mail, files, payments. */
  port<Contract>(port: Port<Contract>): Contract
  /** Aborted when the deadline passes or the caller has gone. */
  readonly signal: AbortSignal
  readonly log: Log
  newId(): string
  /** Writes an audit row and an outbox row in this transaction. A write that ends without one is rolled back. */
  record(event: EventKind, change: Change): void
  /** Writes a job in this transaction; it runs after the commit, at least once, with this tenant and actor. */
  enqueue<Payload extends object>(job: JobKind<Payload>, payload: Payload): void
  /** Ends the operation with a failure that it declared; everything it wrote is undone. */
  fail(kind: FailureKind, details?: FailureDetails): never
  /** Compares If-Match, where the caller sent one, with the record's version; 412 when they differ. */
  expectVersion(version: number): void
  /** Signs the caller in or, with null, out: the surface keeps the token where this kind of caller has it. */
  keepSession(session: { token: string; expiresAt: string } | null): void
}

/** The same, for a tenant. */
export interface Ctx extends OpenCtx {
  readonly tenant: Tenant
  /** All that the actor may do here: for rules that go beyond the operation's own permission. */
  readonly access: Access
  /** What the actor may do in the whole tenant and without a condition, as `resource:action`: what they may pass on. */
  readonly permissions: ReadonlySet<string>
  /** May the actor do this, to that record? The one question; `about` absent: to none in particular. */
  may(permission: string, about?: RecordName): Promise<boolean>
  /**
   * A condition for the rows of this list that the actor may see, of the table that `alias` names; undefined: all of them.
   * A list whose records have roles of their own must ask for it.
   */
  visible(alias: string): Sql | undefined
}
