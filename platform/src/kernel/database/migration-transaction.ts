import pg from 'pg'

/** How migrations wait: briefly for a lock, because everything else queues behind them, and long for their own work. */
const lockTimeout = '5s'
const statementTimeout = '15min'

/**
 * Runs work as one of the two roles that own things, with the schema alone in sight. One round trip to begin, and one for
 * COMMIT together with the SQL that `closing` gives once the work is done.
 */
export async function inTransactionAs<Result>(
  client: pg.ClientBase,
  role: 'tenantry_owner' | 'tenantry_verifier',
  schema: string,
  work: () => Promise<Result>,
  closing: () => string = () => '',
): Promise<Result> {
  try {
    await client.query(
      `begin; set local role ${role}; set local search_path = ${pg.escapeIdentifier(schema)}, extensions;
       set local lock_timeout = '${lockTimeout}'; set local statement_timeout = '${statementTimeout}'`,
    )
    const result = await work()
    const replies: unknown = await client.query(`${closing()}; commit`)
    const committed = (Array.isArray(replies) ? replies.at(-1) : replies) as pg.QueryResult
    if (committed.command !== 'COMMIT') throw new Error('the transaction was rolled back at COMMIT')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}

export async function inOwnersTransaction<Result>(
  client: pg.ClientBase,
  schema: string,
  work: () => Promise<Result>,
  closing?: () => string,
): Promise<Result> {
  return inTransactionAs(client, 'tenantry_owner', schema, work, closing)
}
