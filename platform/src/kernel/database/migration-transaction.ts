import pg from 'pg'

/** How migrations wait: briefly for a lock, because everything else queues behind them, and long for their own work. */
const lockTimeout = '5s'
const statementTimeout = '15min'

export interface OwnersTransaction {
  readonly role: 'tenantry_owner' | 'tenantry_verifier'
  readonly schema: string
  /** A statement that goes along with the beginning; `work` gets its rows. */
  readonly opening?: string
  /** SQL that goes along with COMMIT, asked for once the work is done. */
  readonly closing?: () => string
}

/** Runs work as one of the two roles that own things, with the schema alone in sight: one round trip to begin, one to end. */
export async function inTransactionAs<Result>(
  client: pg.ClientBase,
  { role, schema, opening = '', closing = () => '' }: OwnersTransaction,
  work: (opened: readonly Record<string, unknown>[]) => Promise<Result>,
): Promise<Result> {
  try {
    const begun: unknown = await client.query(
      `begin; set local role ${role}; set local search_path = ${pg.escapeIdentifier(schema)}, extensions;
       set local lock_timeout = '${lockTimeout}'; set local statement_timeout = '${statementTimeout}'; ${opening}`,
    )
    const result = await work((begun as pg.QueryResult<Record<string, unknown>>[]).at(-1)?.rows ?? [])
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
): Promise<Result> {
  return inTransactionAs(client, { role: 'tenantry_owner', schema }, work)
}
