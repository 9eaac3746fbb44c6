import type { Actor, Via } from './context.ts'
import type { ReadAfter } from './database/log-position.ts'
import type { Standing } from './rate/lease.ts'

/** A call of an operation, as a surface hands it over: read, but not yet believed. */
export interface Call {
  readonly input: unknown
  readonly credentials: Credentials
  /** Slug or id of the tenant that the caller names. */
  readonly tenant: string | undefined
  /** The version in If-Match; `any` for `*`. */
  readonly ifMatch: number | 'any' | undefined
  /** Of a caller who may have to repeat the call: it is carried out once. */
  readonly idempotencyKey?: string | undefined
  readonly via: Via
  readonly locale: 'en' | 'es'
  readonly requestId: string
  readonly address: string | undefined
  readonly userAgent: string | undefined
  /** What is aborted when the caller goes; absent where nobody can. Not made before it is asked for, because most calls never do. */
  readonly signal?: () => AbortSignal
  /** What the caller wrote before and wants to see. Absent: reads go to the primary, which has everything. */
  readonly readAfter?: ReadAfter | undefined
  /** Filled in as it becomes known, for the request's log line and its rate headers. */
  readonly known: { tenantId?: string; actorId?: string; databaseMs?: number; rates?: readonly Standing[] }
}

export interface Credentials {
  /** Of the cookie that belongs to the door: the workspace's or the console's. */
  readonly sessionToken?: string | undefined
  /** The support session in which one of the staff wants to act. */
  readonly supportSession?: string | undefined
  /** What came as `Authorization: Bearer`. */
  readonly bearer?: string | undefined
  /** Set by code of ours that acts for somebody it knows: demo data, the command line, the relay. */
  readonly actor?: Actor
}

export interface Answer {
  readonly output: unknown
  readonly session: { token: string; expiresAt: string } | null | undefined
  /** Present when an earlier call with the same Idempotency-Key has done it. */
  readonly replayed?: true
  /** Where a cell with a replica has the caller's write: from there on they see it. */
  readonly written?: { readonly cell: string; readonly position: bigint }
}
