import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { foundationText, type Migration } from './migration-files.ts'
import { refuseOldServer, withClient } from './prepare.ts'
import { sqlState } from './server-error.ts'
import type { SigningKey } from './signed-context.ts'

/** One schema in one database that has a migration level of its own. */
export interface MigrationTarget {
  /** `control`, `cell main` */
  readonly name: string
  readonly kind: 'control' | 'tenant'
  /** As tenantry_migrator, and direct: locks of a session do not survive PgBouncer's transaction mode. */
  readonly url: string
  readonly schema: string
  readonly key: SigningKey
}

export interface MigrationState {
  readonly migration: Migration
  readonly appliedAt: string | undefined
}

export type MigrationProgress = (step: {
  target: string
  migration: string
  direction: 'up' | 'down'
  ms: number
}) => void

/** A ledger that does not fit the files: a newer release was here, or a file was changed after it ran. */
export class MigrationRefused extends Error {}

const lockTimeout = '5s'
const statementTimeout = '15min'
const lockAttemptsMax = 6
const migratorWaitMs = 60_000

/** Applies what is missing, in order, each file in its own transaction. Returns how many were applied. */
export async function migrateUp(
  target: MigrationTarget,
  migrations: readonly Migration[],
  progress?: MigrationProgress,
): Promise<number> {
  return withTarget(target, async (client) => {
    await layFoundation(client, target)
    const missing = (await stateIn(client, target, migrations)).filter((state) => state.appliedAt === undefined)
    for (const { migration } of missing) await apply(client, target, migration, 'up', progress)
    return missing.length
  })
}

/** Takes the last `steps` migrations back, newest first. Returns how many were taken back. */
export async function migrateDown(
  target: MigrationTarget,
  migrations: readonly Migration[],
  steps: number,
  progress?: MigrationProgress,
): Promise<number> {
  return withTarget(target, async (client) => {
    const applied = (await stateIn(client, target, migrations)).filter((state) => state.appliedAt !== undefined)
    const last = applied.slice(Math.max(0, applied.length - steps)).toReversed()
    for (const { migration } of last) await apply(client, target, migration, 'down', progress)
    return last.length
  })
}

/** Every migration of the target with the time it was applied. Throws MigrationRefused when ledger and files disagree. */
export async function migrationState(
  target: MigrationTarget,
  migrations: readonly Migration[],
): Promise<MigrationState[]> {
  return withClient(target.url, (client) => stateIn(client, target, migrations))
}

/** Runs work on a target's schema as its owner, in one transaction, never beside a migration. */
export async function asOwner<Result>(
  target: MigrationTarget,
  work: (client: pg.ClientBase) => Promise<Result>,
): Promise<Result> {
  return withTarget(target, (client) => inTransaction(client, 'tenantry_owner', target.schema, () => work(client)))
}

async function withTarget<Result>(
  target: MigrationTarget,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  return withClient(target.url, async (client) => {
    await refuseOldServer(client)
    const lock = `tenantry migrations of ${target.schema}`
    const giveUpAtMs = performance.now() + migratorWaitMs
    while (
      !(await client.query<{ got: boolean }>('select pg_try_advisory_lock(hashtext($1)) as got', [lock])).rows[0]?.got
    ) {
      if (performance.now() > giveUpAtMs) throw new Error(`Another migration of ${target.name} is still running.`)
      await wait(100)
    }
    return work(client)
  })
}

async function layFoundation(client: pg.Client, { key }: MigrationTarget): Promise<void> {
  const text = await foundationText()
  const checksum = checksumOf(text)
  await inTransaction(client, 'tenantry_verifier', 'tenancy', async () => {
    const { rows } = await client.query<{ checksum: string | null }>(
      "select obj_description('tenancy'::regnamespace, 'pg_namespace') as checksum",
    )
    if (rows[0]?.checksum !== checksum) {
      await client.query(text)
      await client.query(`comment on schema tenancy is ${pg.escapeLiteral(checksum)}`)
    }
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
  await inTransaction(client, 'tenantry_owner', 'migrations', () => client.query(ledgerSql))
}

const ledgerSql = `create table if not exists migrations.ledger (
  schema_name text not null, module text not null, number int not null, name text not null, checksum text not null,
  applied_at timestamptz(3) not null default now(), ms int not null, primary key (schema_name, module, number))`

async function stateIn(
  client: pg.Client,
  target: MigrationTarget,
  migrations: readonly Migration[],
): Promise<MigrationState[]> {
  const wanted = migrations.filter((migration) => migration.kinds.includes(target.kind))
  const ledger = await ledgerOf(client, target)
  for (const row of ledger) {
    const migration = wanted.find((each) => each.module === row.module && each.number === row.number)
    const label = `${row.module} ${String(row.number).padStart(4, '0')}_${row.name}`
    if (!migration) {
      throw new MigrationRefused(
        `${target.name} was migrated by a newer release: it has ${label}, which this release does not know. Start the newer release, or take the migration back with it.`,
      )
    }
    if (migration.checksum !== row.checksum) {
      throw new MigrationRefused(
        `${label} was changed after it was applied to ${target.name}. Restore the file, and put the change into a new migration.`,
      )
    }
  }
  return wanted.map((migration) => ({
    migration,
    appliedAt: ledger
      .find((row) => row.module === migration.module && row.number === migration.number)
      ?.applied_at.toISOString(),
  }))
}

interface LedgerRow {
  module: string
  number: number
  name: string
  checksum: string
  applied_at: Date
}

async function ledgerOf(client: pg.Client, { schema }: MigrationTarget): Promise<LedgerRow[]> {
  const { rows: found } = await client.query("select from pg_class where oid = to_regclass('migrations.ledger')")
  if (found.length === 0) return []
  return inTransaction(client, 'tenantry_owner', 'migrations', async () => {
    const { rows } = await client.query<LedgerRow>(
      'select module, number, name, checksum, applied_at from migrations.ledger where schema_name = $1 order by applied_at, number',
      [schema],
    )
    return rows
  })
}

async function apply(
  client: pg.Client,
  target: MigrationTarget,
  migration: Migration,
  direction: 'up' | 'down',
  progress?: MigrationProgress,
): Promise<void> {
  const beganAtMs = performance.now()
  const { schema } = target
  const { module, number, name, checksum } = migration
  const run = () =>
    inTransaction(client, 'tenantry_owner', schema, async () => {
      await client.query(await migration.text(direction))
      const ms = Math.round(performance.now() - beganAtMs)
      if (direction === 'up') {
        await client.query(
          'insert into migrations.ledger (schema_name, module, number, name, checksum, ms) values ($1, $2, $3, $4, $5, $6)',
          [schema, module, number, name, checksum, ms],
        )
      } else {
        await client.query('delete from migrations.ledger where (schema_name, module, number) = ($1, $2, $3)', [
          schema,
          module,
          number,
        ])
      }
    })
  await withLockRetries(run).catch((error: Error) => {
    throw new Error(`${module} ${name} (${direction}) failed on ${target.name}: ${error.message}`, { cause: error })
  })
  progress?.({ target: target.name, migration: `${module} ${name}`, direction, ms: performance.now() - beganAtMs })
}

/** A migration waits only briefly for a lock, because everything else queues behind it; then it tries again. */
async function withLockRetries(run: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await run()
      return
    } catch (error) {
      if (sqlState(error) !== '55P03' || attempt === lockAttemptsMax) throw error
      await wait(200 * 2 ** attempt)
    }
  }
}

async function inTransaction<Result>(
  client: pg.Client,
  role: string,
  schema: string,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query('begin')
  try {
    await client.query(`set local role ${pg.escapeIdentifier(role)}`)
    await client.query(`set local search_path = ${pg.escapeIdentifier(schema)}, extensions`)
    await client.query(`set local lock_timeout = '${lockTimeout}'`)
    await client.query(`set local statement_timeout = '${statementTimeout}'`)
    const result = await work()
    const { command } = await client.query('commit')
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back at COMMIT')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}

export function checksumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
