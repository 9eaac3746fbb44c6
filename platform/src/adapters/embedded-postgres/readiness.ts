import { setTimeout as sleep } from 'node:timers/promises'
import { Client, DatabaseError } from 'pg'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import type { Postmaster } from './postmaster.ts'

/** Recovery after a crash reads up to max_wal_size (1 GB) of log; on a slow disk that takes most of a minute. */
const readyWithinMs = 90_000
const reportAfterMs = 3_000
const tryEveryMs = 20
const invalidPassword = '28P01'

/** Resolves when the superuser can sign in. Rejects when the server ends before, refuses the password, or takes too long. */
export async function untilReady(
  postmaster: Postmaster,
  superuserUrl: string,
  onProgress: (message: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const startedAt = performance.now()
  let reported = false
  for (;;) {
    const refusal = await tryToSignIn(superuserUrl)
    if (!refusal && !postmaster.hasEnded()) return
    if (postmaster.hasEnded()) throw startFailed(`PostgreSQL ended while starting:\n${await postmaster.ended}`)
    if (refusal instanceof DatabaseError && refusal.code === invalidPassword) throw passwordRejected()
    signal?.throwIfAborted()
    const elapsedMs = performance.now() - startedAt
    if (elapsedMs > readyWithinMs)
      throw startFailed(`PostgreSQL was not ready after ${readyWithinMs} ms: ${String(refusal)}`)
    if (elapsedMs > reportAfterMs && !reported)
      onProgress('PostgreSQL is still starting; after a crash it recovers first')
    reported ||= elapsedMs > reportAfterMs
    await sleep(tryEveryMs)
  }
}

async function tryToSignIn(superuserUrl: string): Promise<unknown> {
  const client = new Client({ connectionString: superuserUrl, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined) // the server may die right after; the next query would tell
  try {
    await client.connect()
    await client.query('SELECT 1')
    return undefined
  } catch (error) {
    return error
  } finally {
    await client.end().catch(() => undefined)
  }
}

function startFailed(message: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'start_failed',
    message,
    'Mend what it names, or set TENANTRY_DATA to another folder; the data folder holds its log, postgresql.log.',
  )
}

function passwordRejected(): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'superuser_password_rejected',
    'PostgreSQL runs, but refuses the password kept in the data folder (superuser-password).',
    'Bring back the file that belongs to this database, or delete the data folder to start with an empty one.',
  )
}
