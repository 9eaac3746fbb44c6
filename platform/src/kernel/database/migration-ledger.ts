import pg from 'pg'
import { labelOf, type Migration } from './migration-files.ts'
import { sqlState } from './server-error.ts'

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

/** What one target's ledger says to one release. */
export interface LedgerReading {
  /** Every migration that this release has for it. */
  readonly states: readonly MigrationState[]
  /** What a newer release has put on top of all that. This one works with it, and changes nothing. */
  readonly newer: readonly LedgerEntry[]
}

/** A ledger that does not fit the files: another release was here that is not just newer, or a file was changed after it ran. */
export class MigrationRefused extends Error {}

export const ledgerSql = `create table if not exists migrations.ledger (
  schema_name text not null, module text not null, number int not null, name text not null, checksum text not null,
  applied_at timestamptz(3) not null default now(), ms int not null, primary key (schema_name, module, number))`

/** The ledger of a database whose foundation was not laid yet. */
const undefinedTable = '42P01'

/** What the ledger and the catalogue of one database say of one of its schemas. */
export interface SchemaRecord {
  readonly ledger: readonly LedgerEntry[]
  /** Digest of the manifests that its rows were last brought up to date with; null when none was. */
  readonly manifestDigest: string | null
}

const recordsText = (schemas: readonly string[]) => `
  begin; set local role tenantry_owner;
  select s.name as schema,
    (select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = s.name) as "manifestDigest",
    coalesce((select json_agg(json_build_object('module', module, 'number', number, 'name', name, 'checksum', checksum,
      'appliedAt', applied_at)) from migrations.ledger where schema_name = s.name), '[]') as ledger
  from unnest(array[${schemas.map((schema) => pg.escapeLiteral(schema)).join(', ')}]::text[]) s (name);
  commit`

/** The records of several schemas of one database in one query, by schema: a thousand of them take 50 ms. */
export async function schemaRecords(
  client: pg.ClientBase,
  schemas: readonly string[],
): Promise<Map<string, SchemaRecord>> {
  try {
    return recordsIn(await client.query(recordsText(schemas)))
  } catch (error) {
    await client.query('rollback')
    if (sqlState(error) === undefinedTable) return new Map()
    throw error
  }
}

/** Takes a lock of the session and reads the record of one schema behind it, in one round trip; undefined when it is taken. */
export async function lockAndRead(
  client: pg.ClientBase,
  lock: string,
  schema: string,
): Promise<{ record: SchemaRecord | undefined } | undefined> {
  const tryLock = `select pg_try_advisory_lock(hashtext(${pg.escapeLiteral(lock)})) as got`
  const replies: unknown = await client.query(`${tryLock}; ${recordsText([schema])}`)
  const [locked, ...others] = replies as pg.QueryResult<{ got: boolean }>[]
  return locked?.rows[0]?.got ? { record: recordsIn(others).get(schema) } : undefined
}

/** Of the replies to begin, set, select and commit. */
function recordsIn(replies: unknown): Map<string, SchemaRecord> {
  const rows = (replies as pg.QueryResult<{ schema: string } & SchemaRecord>[])[2]?.rows ?? []
  return new Map(rows.map((row) => [row.schema, row]))
}

/** Holds a target's ledger against the files. Throws MigrationRefused when they disagree. */
export function readLedger(
  target: { readonly name: string; readonly kind: 'control' | 'tenant' },
  ledger: readonly LedgerEntry[],
  migrations: readonly Migration[],
): LedgerReading {
  const wanted = migrations.filter((migration) => migration.kinds.includes(target.kind))
  const appliedAt = new Map<Migration, string>()
  const newer: LedgerEntry[] = []
  for (const entry of ledger) {
    const migration = wanted.find((each) => each.module === entry.module && each.number === entry.number)
    if (migration && migration.checksum !== entry.checksum) {
      throw new MigrationRefused(
        `${labelOf(entry)} was changed after it was applied to ${target.name}. Restore the file, and put the change into a new migration.`,
      )
    }
    if (migration) appliedAt.set(migration, new Date(entry.appliedAt).toISOString())
    else newer.push(entry)
  }
  const states = wanted.map((migration) => ({ migration, appliedAt: appliedAt.get(migration) }))
  const missing = missingOf(states)
  if (newer[0] && missing[0]) {
    throw new MigrationRefused(
      `${target.name} was migrated by another release: it has ${labelOf(newer[0])}, which this release does not know, and lacks ${labelOf(missing[0])}. Start a release that has both, or take the first back with the one that has it.`,
    )
  }
  return { states, newer }
}

/** What may be applied and was not yet. */
export function missingOf(states: readonly MigrationState[]): Migration[] {
  return states
    .filter(({ appliedAt, migration }) => appliedAt === undefined && migration.waitsFor === undefined)
    .map(({ migration }) => migration)
}
