import type pg from 'pg'
import { newId } from '../id.ts'
import type { DatabasesSettings } from './databases.ts'
import { withClient } from './prepare.ts'
import { databaseIn } from './roles.ts'
import { isUnavailable, sqlState } from './server-error.ts'

/** A pooler under load may hand the second connection to somebody else for a moment. */
const looksMax = 10
const invalidStatementName = '26000'

/**
 * Throws when a pooler in transaction mode stands between that does not carry named statements, as PgBouncer before 1.21:
 * nothing is wrong with few callers, who get the same connection again, and under load every other request fails. Looks at
 * every database and replica that the settings name; silos are looked at when they are opened.
 */
export async function refuseUnfitPooler({ unnamedStatements, controlUrl, cells }: DatabasesSettings): Promise<void> {
  if (unnamedStatements) return
  const ofCells = cells.flatMap(({ servingUrl, replicaUrl }) => [servingUrl, replicaUrl ?? []].flat())
  for (const url of [controlUrl, ...ofCells]) await requireNamedStatements(url).catch(unlessUnavailable)
}

/** The same for the database of a connection that was just made. Where nobody stands between, that is all that is asked. */
export async function refuseIfPoolerIsUnfit(client: pg.ClientBase, url: string): Promise<void> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  // A pooler answers a new connection before it has one to PostgreSQL, under a number of its own (protocol 3.0, BackendKeyData).
  const { processID } = client as pg.ClientBase & { processID?: number }
  if (rows[0]?.pid !== processID) await requireNamedStatements(url)
}

async function requireNamedStatements(url: string): Promise<void> {
  if (!(await losesNamedStatements(url))) return
  throw new Error(
    `Between this process and ${databaseIn(url)} is a pooler that does not carry named statements. Set TENANTRY_UNNAMED_STATEMENTS=true, or max_prepared_statements of a PgBouncer from 1.21 on: docs/pgbouncer.md`,
  )
}

/** A database that is down is somebody else's finding, and perhaps only one of several. */
function unlessUnavailable(error: unknown): void {
  if (!isUnavailable(error)) throw error
}

/** Whether what one connection has prepared is on another one, too, or gone from its own. */
async function losesNamedStatements(url: string): Promise<boolean> {
  const name = `pooler? ${newId()}`
  return withClient(url, (one) =>
    withClient(url, async (other) => {
      for (let look = 0; look < looksMax; look++) {
        try {
          await one.query({ name, text: 'select' })
        } catch (error) {
          if (sqlState(error) !== invalidStatementName) throw error
          return true
        }
        const { rowCount } = await other.query('select from pg_prepared_statements where name = $1', [name])
        if (rowCount !== 0) return true
      }
      return false
    }),
  )
}
