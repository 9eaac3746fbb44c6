import pg from 'pg'
import { inOwnersTransaction } from './migration-transaction.ts'
import type { MigrationTarget } from './migrator.ts'
import { withClient } from './prepare.ts'
import { systemActor } from './signed-context.ts'

/** Rows that one call deletes at most: a second of work, so that no lock is held for long. */
const rowsMax = 20_000

/**
 * Deletes rows of one tenant from the given tables of a target, and says whether there may be more. Rows that refer to
 * others go first. Works as the owner of the tables, whom the policy `tenant_erased` lets see the named tenant:
 * the roles that serve have no right to delete most of them. A row that somebody holds locked, such as the message that
 * this very work goes back to, is left where it is.
 */
export async function eraseRows(
  target: MigrationTarget,
  tenantId: string,
  tables: ReadonlySet<string>,
): Promise<boolean> {
  return withClient(target.url, (client) =>
    inOwnersTransaction(client, target.schema, () => eraseIn(client, target.schema, tenantId, tables)),
  )
}

async function eraseIn(
  client: pg.ClientBase,
  schema: string,
  tenantId: string,
  tables: ReadonlySet<string>,
): Promise<boolean> {
  await client.query("select set_config('app.context', $1, true)", [`erasure.${tenantId}.${systemActor}`])
  let leftMax = rowsMax
  for (const table of await referringFirst(client, schema, tables)) {
    if (leftMax === 0) break
    const name = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`
    const { rowCount } = await client.query(
      `delete from ${name} where ctid = any (array(
          select ctid from ${name} where tenant_id = $1 limit $2 for update skip locked))`,
      [tenantId, leftMax],
    )
    leftMax -= rowCount ?? 0
  }
  return leftMax === 0
}

/** The tables in an order in which none is emptied before those whose foreign keys lead to it. */
async function referringFirst(client: pg.ClientBase, schema: string, tables: ReadonlySet<string>): Promise<string[]> {
  const { rows } = await client.query<{ referring: string; referred: string }>(
    `select f.relname as referring, t.relname as referred from pg_constraint c
      join pg_class f on f.oid = c.conrelid join pg_class t on t.oid = c.confrelid
      where c.contype = 'f' and c.connamespace = $1::regnamespace and c.conrelid <> c.confrelid`,
    [schema],
  )
  const ordered = new Set<string>()
  const place = (table: string) => {
    if (ordered.has(table) || !tables.has(table)) return
    for (const { referring } of rows.filter(({ referred }) => referred === table)) place(referring)
    ordered.add(table)
  }
  for (const table of tables) place(table)
  return [...ordered]
}
