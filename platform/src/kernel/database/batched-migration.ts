import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { labelOf, type Migration } from './migration-files.ts'
import { type Place, Transaction } from './session.ts'
import { systemActor } from './signed-context.ts'
import { Sql } from './statement.ts'

/** A change of data that takes long: one statement for one tenant, repeated until it finds nothing to change. */
export interface BatchedMigration {
  readonly module: string
  readonly number: number
  readonly name: string
  readonly checksum: string
  /** Changes at most `rowsPerBatch` rows of one tenant. */
  readonly statementFor: (tenantId: string) => Sql
}

/** A batch of so many rows takes some 10 ms, so that nobody waits long for a row that it has locked. */
export const rowsPerBatch = 500
const batchTimeoutMs = 30_000

const shape =
  'a batched migration begins with "-- target: tenant" and holds one statement with "tenant_id = $1", "limit $2" and no "skip locked"'

/** Reads the files `0001_what_it_changes.batch.sql` of each folder's `migrations/`, which are numbered with the others. */
export async function readBatchedMigrations(
  sources: readonly { module: string; folder: string }[],
): Promise<BatchedMigration[]> {
  const perModule = await Promise.all(
    sources.map(({ module, folder }) => readFolder(module, join(folder, 'migrations'))),
  )
  return perModule.flat()
}

async function readFolder(module: string, folder: string): Promise<BatchedMigration[]> {
  const files = await readdir(folder).catch(() => [])
  const batched = files.filter((file) => file.endsWith('.batch.sql')).toSorted()
  return Promise.all(
    batched.map(async (file) => {
      const [, digits, name] = /^(\d{4})_([a-z0-9_]+)\.batch\.sql$/.exec(file) ?? []
      const refuse = (why: string) => new Error(`${join(folder, file)}: ${why}`)
      if (!Number(digits) || name === undefined)
        throw refuse('batched migrations are named 0001_what_it_changes.batch.sql')
      const namesakes = files.filter((other) => other.startsWith(`${digits}_`) && !other.endsWith('.down.sql'))
      if (namesakes.length > 1) throw refuse(`its number is also that of ${namesakes.find((other) => other !== file)}`)
      const text = await readFile(join(folder, file), 'utf8')
      const statement = text
        .replaceAll(/^\s*--.*$/gm, '')
        .trim()
        .replace(/;$/, '')
      if (!text.startsWith('-- target: tenant\n') || !hasShape(statement)) throw refuse(shape)
      const checksum = createHash('sha256').update(text).digest('hex')
      return { module, number: Number(digits), name, checksum, statementFor: (tenantId) => bound(statement, tenantId) }
    }),
  )
}

/** Rows that somebody has locked would be taken for done: "skip locked" is refused. */
function hasShape(statement: string): boolean {
  return (
    /\btenant_id\s*=\s*\$1\b/i.test(statement) &&
    /\blimit\s+\$2\b/i.test(statement) &&
    !/\bskip\s+locked\b/i.test(statement) &&
    !statement.includes(';')
  )
}

function bound(statement: string, tenantId: string): Sql {
  const [texts, values]: [string[], unknown[]] = [[], []]
  statement.split(/(\$[12])(?!\d)/).forEach((part, index) => {
    if (index % 2 === 0) texts.push(part)
    else values.push(part === '$1' ? tenantId : rowsPerBatch)
  })
  return new Sql(texts, values)
}

/**
 * Changes one batch of a tenant's rows in a transaction of its own, as the role that serves the tenant and behind row
 * security. Returns how many rows were changed: 0 when nothing is left.
 */
export async function changeBatch(place: Place, tenantId: string, migration: BatchedMigration): Promise<number> {
  const identity = { tenantId, actorId: systemActor }
  const transaction = new Transaction({ target: place, identity, deadlineMs: performance.now() + batchTimeoutMs })
  try {
    const changed = await transaction.change(migration.statementFor(tenantId))
    await transaction.commit([])
    return changed
  } catch (error) {
    await transaction.rollback()
    throw error
  }
}

/** The same migrations; those that come after an unfinished batched one of their module say that they wait for it. */
export function heldBack(migrations: readonly Migration[], unfinished: readonly BatchedMigration[]): Migration[] {
  return migrations.map((migration) => {
    const before = unfinished.find(({ module, number }) => module === migration.module && number < migration.number)
    return before ? { ...migration, waitsFor: labelOf(before) } : migration
  })
}
