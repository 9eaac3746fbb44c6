import type pg from 'pg'
import type { Migration } from './migration-files.ts'
import { inOwnersTransaction } from './migration-transaction.ts'

/** Which migrations a schema has: kept in its own database, written by the transaction that applied them. */

export interface LedgerEntry {
  readonly module: string
  readonly number: number
  readonly name: string
  readonly checksum: string
  /** ISO 8601 */
  readonly appliedAt: string
}

export interface MigrationState {
  readonly migration: Migration
  readonly appliedAt: string | undefined
}

/** A ledger that does not fit the files: a newer release was here, or a file was changed after it ran. */
export class MigrationRefused extends Error {}

export const ledgerSql = `create table if not exists migrations.ledger (
  schema_name text not null, module text not null, number int not null, name text not null, checksum text not null,
  applied_at timestamptz(3) not null default now(), ms int not null, primary key (schema_name, module, number))`

/** What the ledger and the catalogue of one database say of one of its schemas. */
export interface SchemaRecord {
  readonly ledger: readonly LedgerEntry[]
  /** Digest of the manifests that its rows were last brought up to date with; null when none was. */
  readonly manifestDigest: string | null
}

const recordsSql = `
  select s.name as schema, obj_description(n.oid, 'pg_namespace') as "manifestDigest", coalesce(l.entries, '[]') as ledger
  from unnest($1::text[]) s (name) left join pg_namespace n on n.nspname = s.name
  left join (
    select schema_name, json_agg(json_build_object('module', module, 'number', number, 'name', name, 'checksum', checksum,
      'appliedAt', applied_at) order by applied_at, number) as entries
    from migrations.ledger where schema_name = any ($1) group by schema_name
  ) l on l.schema_name = s.name`

/** The records of several schemas of one database in one query, by schema: a thousand of them take 50 ms. */
export async function schemaRecords(
  client: pg.ClientBase,
  schemas: readonly string[],
): Promise<Map<string, SchemaRecord>> {
  const { rows: found } = await client.query("select from pg_class where oid = to_regclass('migrations.ledger')")
  if (found.length === 0) return new Map()
  return inOwnersTransaction(client, 'migrations', async () => {
    const { rows } = await client.query<{ schema: string } & SchemaRecord>(recordsSql, [schemas])
    return new Map(rows.map((row) => [row.schema, row]))
  })
}

/** Every migration of a target with the time it was applied. Throws MigrationRefused when ledger and files disagree. */
export function statesOf(
  target: { readonly name: string; readonly kind: 'control' | 'tenant' },
  ledger: readonly LedgerEntry[],
  migrations: readonly Migration[],
): MigrationState[] {
  const wanted = migrations.filter((migration) => migration.kinds.includes(target.kind))
  const appliedAt = new Map<Migration, string>()
  for (const entry of ledger) {
    const migration = wanted.find((each) => each.module === entry.module && each.number === entry.number)
    const label = `${entry.module} ${String(entry.number).padStart(4, '0')}_${entry.name}`
    if (!migration) {
      throw new MigrationRefused(
        `${target.name} was migrated by a newer release: it has ${label}, which this release does not know. Start the newer release, or take the migration back with it.`,
      )
    }
    if (migration.checksum !== entry.checksum) {
      throw new MigrationRefused(
        `${label} was changed after it was applied to ${target.name}. Restore the file, and put the change into a new migration.`,
      )
    }
    appliedAt.set(migration, new Date(entry.appliedAt).toISOString())
  }
  return wanted.map((migration) => ({ migration, appliedAt: appliedAt.get(migration) }))
}
