import type { Actor } from '#kernel/context'
import type { Database } from '#kernel/database/database'
import { ReadSession } from '#kernel/database/session'
import { noTenant, systemActor } from '#kernel/database/signed-context'

/** The platform itself, as an actor: its command line and what it does once a day. */
export const system: Actor = { kind: 'system', id: systemActor, name: '' }

const timeoutMs = 30_000

/** Reads of the command line itself, in the name of the platform and of no tenant. */
export function systemSession(database: Database): ReadSession {
  const identity = { tenantId: noTenant, actorId: systemActor }
  return new ReadSession({ target: { database }, identity, deadlineMs: performance.now() + timeoutMs })
}
