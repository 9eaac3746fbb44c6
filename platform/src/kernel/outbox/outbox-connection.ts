import type { Connection, Database } from '../database/database.ts'
import { namedFor, type Outbox, searchPath } from '../database/session.ts'
import { type Sql, type Statement, sql, statementOf } from '../database/statement.ts'

/** A statement on an outbox, with the search path that leads to it; the path holds until the transaction's end. */
export function within({ schema }: Outbox, text: Sql): Statement[] {
  const statement = statementOf(text)
  if (schema === undefined) return [statement]
  const path = statementOf(sql`select set_config('search_path', ${searchPath(schema)}, true)`)
  return [path, namedFor(schema, statement)]
}

/** The connection is given back, or closed when the work fails. */
export async function withConnection<Result>(
  database: Database,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const connection = await database.connect()
  try {
    const result = await work(connection)
    connection.release(false)
    return result
  } catch (error) {
    // Whatever state it is in: a closed connection frees its locks.
    connection.release(true)
    throw error
  }
}
