import type { Database } from '#kernel/database/database'
import { ReadSession } from '#kernel/database/session'
import { noTenant, systemActor } from '#kernel/database/signed-context'

const timeoutMs = 30_000

/** Reads of the command line itself, in the name of the platform and of no tenant. */
export function systemSession(database: Database): ReadSession {
  const identity = { tenantId: noTenant, actorId: systemActor }
  return new ReadSession({ target: { database }, identity, deadlineMs: performance.now() + timeoutMs })
}
