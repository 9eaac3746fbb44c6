import pg from 'pg'
import { foundationText } from './migration-files.ts'
import { ledgerSql } from './migration-ledger.ts'
import { inOwnersTransaction, inTransactionAs } from './migration-transaction.ts'
import type { MigrationTarget } from './migrator.ts'
import { withClient } from './prepare.ts'
import { sqlState } from './server-error.ts'

/**
 * SHA-256 of foundation.sql as each release has had it, oldest first, this one's last: change the file and append. A text that
 * is none of these is a newer release's, and stays as it is when a process of this one starts.
 */
export const foundationChecksums = [
  '79e27e4b7aca16ef01b5cac195ca92b10114187b3a2000e6d0200f1c14cdab33',
  '44bc87fc340d726052be3a732eb203671fb4d8f503f34fd091a454828555dd48',
  'f2395b27f9b58d994ed5678b99bc410963fab2f6a674aed392032aa6a189bba8',
]

/** Whether a database has no foundation yet, or that of an older release, in the checksum that is noted on its schema. */
const laidText = "obj_description('tenancy'::regnamespace, 'pg_namespace')"
const olderText = foundationChecksums.slice(0, -1).map(pg.escapeLiteral).join(', ')
const isDueText = `(${laidText} is null or ${laidText} = any (array[${olderText}]::text[]))`

/** `tenancy.signing_keys` of a new database. */
const undefinedTable = '42P01'

type Founded = Pick<MigrationTarget, 'name' | 'key' | 'home'>

/**
 * Gives a database what it has before its numbered migrations: foundation.sql, the signing key, the ledger, and which cell
 * it is. Throws when it is part of another cell, or in another region, than the configuration says.
 */
export async function layFoundation(client: pg.ClientBase, target: Founded): Promise<void> {
  const { key } = target
  if (await isLaid(client, target)) return
  await inTransactionAs(client, { role: 'tenantry_verifier', schema: 'tenancy' }, async () => {
    // Schemas of one database are migrated side by side, but what they stand on is made by one.
    await client.query("select pg_advisory_xact_lock(hashtext('tenantry foundation'))")
    const { rows } = await client.query<{ isDue: boolean }>(`select ${isDueText} as "isDue"`)
    if (rows[0]?.isDue) {
      const checksum = pg.escapeLiteral(foundationChecksums.at(-1) ?? '')
      await client.query(`${await foundationText()}; comment on schema tenancy is ${checksum}`)
    }
    await settle(client, target)
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

/** With two URLs mixed up, the rows of one region would be written in another. */
async function settle(client: pg.ClientBase, { name, home }: Founded): Promise<void> {
  await client.query('insert into tenancy.home (cell, region) values ($1, $2) on conflict do nothing', [
    home.cell,
    home.region,
  ])
  await refuseForeign(client, { name, home })
}

/**
 * Throws when a database is part of another cell, or in another region, than the configuration says: what is not there
 * must not be taken for erased.
 */
export async function requireHome(target: MigrationTarget): Promise<void> {
  await withClient(target.url, (client) =>
    inTransactionAs(client, { role: 'tenantry_verifier', schema: 'tenancy' }, () => refuseForeign(client, target)),
  )
}

async function refuseForeign(client: pg.ClientBase, { name, home }: Pick<Founded, 'name' | 'home'>): Promise<void> {
  const { rows } = await client.query<MigrationTarget['home']>('select cell, region from tenancy.home')
  const [found = home] = rows
  if (found.cell === home.cell && found.region === home.region) return
  throw new Error(
    `The database of ${name} belongs to cell ${found.cell} in region ${found.region}; the configuration names it ${home.cell} in region ${home.region}. Correct the URLs, names or regions in the configuration.`,
  )
}

/** In one round trip: every new tenant and every run of a fleet asks. */
async function isLaid(client: pg.ClientBase, { key, home }: Founded): Promise<boolean> {
  const literal = pg.escapeLiteral
  try {
    const replies: unknown = await client.query(
      `select where to_regclass('migrations.ledger') is not null and not ${isDueText};
       begin; set local role tenantry_verifier;
       select from tenancy.signing_keys, tenancy.home
         where id = ${literal(key.id)} and cell = ${literal(home.cell)} and region = ${literal(home.region)};
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
