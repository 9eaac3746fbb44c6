import type pg from 'pg'
import { repeatableStatementOf } from './migration-files.ts'

/** Building an index concurrently waits for every older transaction, and blocks nobody meanwhile. */
const lockTimeout = '15min'

/**
 * Runs the one statement of a file that cannot run in a transaction. An index that an earlier try left invalid is dropped
 * first: `if not exists` would take it for done.
 */
export async function applyConcurrently(client: pg.ClientBase, schema: string, text: string): Promise<void> {
  const statement = repeatableStatementOf(text)
  await client.query(
    `set role tenantry_owner; set search_path = ${client.escapeIdentifier(schema)}, extensions;
     set lock_timeout = '${lockTimeout}'; set statement_timeout = 0`,
  )
  try {
    await dropInvalid(client, schema, indexIn(statement))
    await client.query(statement)
  } finally {
    await client.query('reset role; reset search_path; reset lock_timeout; reset statement_timeout').catch(() => {})
  }
}

async function dropInvalid(client: pg.ClientBase, schema: string, index: string): Promise<void> {
  const { rowCount } = await client.query(
    `select from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and not i.indisvalid`,
    [schema, index],
  )
  if (rowCount === 1) await client.query(`drop index concurrently ${client.escapeIdentifier(index)}`)
}

/** The name after `if [not] exists`. */
function indexIn(statement: string): string {
  return /exists\s+([a-z0-9_]+)/i.exec(statement)?.[1]?.toLowerCase() ?? ''
}
