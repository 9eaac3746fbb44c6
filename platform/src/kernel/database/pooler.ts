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
 * nothing is wrong with few callers, who get the same connection again, and under load every other request fails.
 */
export async function refuseUnfitPooler(settings: DatabasesSettings): Promise<void> {
  if (settings.unnamedStatements) return
  for (const url of [settings.controlUrl, ...settings.cells.map(({ servingUrl }) => servingUrl)]) {
    if (!(await losesNamedStatements(url).catch(unlessUnavailable))) continue
    throw new Error(
      `Between this process and ${databaseIn(url)} is a pooler that does not carry named statements. Set TENANTRY_UNNAMED_STATEMENTS=true, or max_prepared_statements of a PgBouncer from 1.21 on: docs/pgbouncer.md`,
    )
  }
}

/** A database that is down is somebody else's finding, and perhaps only one of several. */
function unlessUnavailable(error: unknown): false {
  if (!isUnavailable(error)) throw error
  return false
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
