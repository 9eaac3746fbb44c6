import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One numbered pair of SQL files of a module. */
export interface Migration {
  readonly module: string
  readonly number: number
  readonly name: string
  /** Which kinds of target it belongs to, from its first line: `-- target: control, tenant`. */
  readonly kinds: readonly ('control' | 'tenant')[]
  readonly checksum: string
  /** The batched migration that must be finished for everybody before this one may be applied. */
  readonly waitsFor?: string
  text(direction: 'up' | 'down'): Promise<string>
}

/**
 * What may run outside a transaction: statements that can be repeated. `if not exists` and `if exists` are asked for,
 * because the process may end between the statement and its row in the ledger.
 */
const repeatableStatement =
  /^(create\s+(unique\s+)?index\s+concurrently\s+if\s+not\s+exists|drop\s+index\s+concurrently\s+if\s+exists)\s+[a-z0-9_]+\b[^;]*;?\s*$/i

/** Whether a file runs in a transaction; its second line may be `-- transaction: none`. */
export function runsInTransaction(text: string): boolean {
  return text.split('\n', 2)[1] !== '-- transaction: none'
}

const onlyRepeatable =
  'a file with "-- transaction: none" holds one statement, "create index concurrently if not exists name on …" or "drop index concurrently if exists name"'

/** The statement of a file that runs outside a transaction, without its comments. Throws when it may not run there. */
export function repeatableStatementOf(text: string): string {
  if (!isRepeatable(text)) throw new Error(onlyRepeatable)
  return withoutComments(text)
}

function isRepeatable(text: string): boolean {
  return repeatableStatement.test(withoutComments(text))
}

function withoutComments(text: string): string {
  return text.replaceAll(/^\s*--.*$/gm, '').trim()
}

/** Reads `migrations/` of each folder, in the order given: the kernel's first, then a module after those it needs. */
export async function readMigrations(sources: readonly { module: string; folder: string }[]): Promise<Migration[]> {
  const perModule = await Promise.all(
    sources.map(({ module, folder }) => readFolder(module, join(folder, 'migrations'))),
  )
  return perModule.flat()
}

async function readFolder(module: string, folder: string): Promise<Migration[]> {
  const files = await readdir(folder).catch(() => [])
  return Promise.all(
    files
      .filter((file) => file.endsWith('.up.sql'))
      .toSorted()
      .map((file) => readOne(module, folder, file)),
  )
}

async function readOne(module: string, folder: string, file: string): Promise<Migration> {
  const name = file.slice(0, -'.up.sql'.length)
  const number = Number(/^(\d{4})_[a-z0-9_]+$/.exec(name)?.[1])
  if (!number) throw new Error(`${join(folder, file)}: migrations are named 0001_what_it_does.up.sql`)
  const up = await readFile(join(folder, file), 'utf8')
  const kinds = /^-- target: ([a-z, ]+)\n/.exec(up)?.[1]?.split(', ') ?? []
  if (kinds.length === 0 || !kinds.every((kind) => kind === 'control' || kind === 'tenant')) {
    throw new Error(`${join(folder, file)}: the first line must be "-- target: control", "-- target: tenant" or both`)
  }
  if (!runsInTransaction(up) && !isRepeatable(up)) throw new Error(`${join(folder, file)}: ${onlyRepeatable}`)
  return {
    module,
    number,
    name: name.slice('0000_'.length),
    kinds,
    checksum: createHash('sha256').update(up).digest('hex'),
    text: (direction) =>
      direction === 'up' ? Promise.resolve(up) : readFile(join(folder, `${name}.down.sql`), 'utf8'),
  }
}

/** The SQL that every database gets before its numbered migrations (see foundation.sql). */
export function foundationText(): Promise<string> {
  return readFile(join(import.meta.dirname, 'foundation.sql'), 'utf8')
}

/** `projects 0002_titles`, as in the name of its file. */
export function labelOf({ module, number, name }: Pick<Migration, 'module' | 'number' | 'name'>): string {
  return `${module} ${String(number).padStart(4, '0')}_${name}`
}
