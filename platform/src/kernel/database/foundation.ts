import { createHash } from 'node:crypto'
import pg from 'pg'
import { foundationText } from './migration-files.ts'
import { ledgerSql } from './migration-ledger.ts'
import { inOwnersTransaction, inTransactionAs } from './migration-transaction.ts'
import { sqlState } from './server-error.ts'
import type { SigningKey } from './signed-context.ts'

/** `tenancy.signing_keys` of a new database. */
const undefinedTable = '42P01'

/** Gives a database what it has before its numbered migrations: foundation.sql, the signing key, and the ledger. */
export async function layFoundation(client: pg.ClientBase, key: SigningKey): Promise<void> {
  const text = await foundationText()
  const checksum = createHash('sha256').update(text).digest('hex')
  if (await isLaid(client, key, checksum)) return
  await inTransactionAs(client, 'tenantry_verifier', 'tenancy', async () => {
    // Schemas of one database are migrated side by side, but what they stand on is made by one.
    await client.query("select pg_advisory_xact_lock(hashtext('tenantry foundation'))")
    await client.query(text)
    await client.query(`comment on schema tenancy is ${pg.escapeLiteral(checksum)}`)
    await client.query('insert into tenancy.signing_keys (id, secret) values ($1, $2) on conflict (id) do nothing', [
      key.id,
      key.secret,
    ])
    // The key before this one stays valid for the processes that have not been restarted yet.
    await client.query(
      'delete from tenancy.signing_keys where id not in (select id from tenancy.signing_keys order by (id = $1) desc, created_at desc limit 2)',
      [key.id],
    )
  })
  await inOwnersTransaction(client, 'migrations', async () => {
    await client.query("select pg_advisory_xact_lock(hashtext('tenantry foundation'))")
    await client.query(ledgerSql)
  })
}

/** In one round trip: every new tenant and every run of a fleet asks. */
async function isLaid(client: pg.ClientBase, key: SigningKey, checksum: string): Promise<boolean> {
  try {
    const replies: unknown = await client.query(
      `select where to_regclass('migrations.ledger') is not null
         and obj_description('tenancy'::regnamespace, 'pg_namespace') = ${pg.escapeLiteral(checksum)};
       begin; set local role tenantry_verifier;
       select from tenancy.signing_keys where id = ${pg.escapeLiteral(key.id)};
       commit`,
    )
    const [current, , , known] = replies as pg.QueryResult[]
    return current?.rowCount === 1 && known?.rowCount === 1
  } catch (error) {
    await client.query('rollback')
    if (sqlState(error) === undefinedTable) return false
    throw error
  }
}
