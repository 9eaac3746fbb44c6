import type pg from 'pg'
import { prepareValue } from 'pg/lib/utils.js'
import { serialize } from 'pg-protocol'
import { type Column, type Row, rowReader } from './rows.ts'
import type { Statement } from './statement.ts'

/** Rows and the command tag (`INSERT 0 1`) of one statement of a batch. */
export interface Reply {
  rows: Row[]
  tag: string
}

/** Rows read or changed, as the command tag says; 0 for commands without a count. */
export function countOf({ tag }: Reply): number {
  return Number(/\d+$/.exec(tag)?.[0] ?? 0)
}

/** Wall time of the database as its caller sees it, the network included. */
export interface DatabaseSpent {
  databaseMs: number
}

type RowReader = ReturnType<typeof rowReader>

/** What each connection keeps prepared: the reader of a statement's rows, by the statement's name, the latest at the end. */
const preparedBy = new WeakMap<object, Map<string, RowReader>>()
/** A prepared statement takes about 10 KB of its connection; in the bridge model each schema has its own. */
const preparedMax = 1_000
const noColumns = rowReader([])

/**
 * Several statements sent before one Sync (PostgreSQL protocol 3.0, "Extended Query"): one round trip and, unless the
 * batch says BEGIN, one implicit transaction. A plain query and its context cost 1.2–1.3 of a bare query this way,
 * against 2.5 when BEGIN, context, query and COMMIT are awaited one by one.
 *
 * A submittable of `pg` (as pg-cursor is one). `promise` settles with all replies or the first error; after an error
 * the server skips to the Sync, so the connection stays usable.
 */
export class Batch {
  readonly promise: Promise<Reply[]>
  readonly #statements: readonly Statement[]
  readonly #replies: Reply[] = []
  #prepared = new Map<string, RowReader>()
  #reader: RowReader = noColumns
  #rows: Row[] = []
  #unreadable: Error | undefined
  readonly #spent: DatabaseSpent | undefined
  #sentAtMs: number | undefined
  #resolve!: (replies: Reply[]) => void
  #reject!: (error: Error) => void

  /** How long `pg` waits for the end of the batch, in ms; it looks for this name. */
  readonly query_timeout: number

  /** `pg` wraps this to hold the time-out. */
  callback = (error: Error | null): void => {
    if (this.#spent && this.#sentAtMs !== undefined) this.#spent.databaseMs += performance.now() - this.#sentAtMs
    this.#sentAtMs = undefined
    if (error) this.#reject(error)
    else this.#resolve(this.#replies)
  }

  constructor(statements: readonly Statement[], timeoutMs: number, spent?: DatabaseSpent) {
    this.#statements = statements
    this.#spent = spent
    this.query_timeout = timeoutMs
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  submit(connection: pg.Connection): Error | undefined {
    this.#sentAtMs = performance.now()
    const prepared = preparedBy.get(connection)
    if (prepared) this.#prepared = prepared
    else preparedBy.set(connection, this.#prepared)
    try {
      const messages = this.#closeOldest()
      for (const statement of this.#statements) this.#append(statement, messages)
      messages.push(serialize.sync())
      connection.stream.write(Buffer.concat(messages))
    } catch (error) {
      return error as Error
    }
    this.#expect()
    return undefined
  }

  #append({ name, text, values }: Statement, messages: Buffer[]): void {
    const bound = serialize.bind({ statement: name ?? '', values: values.map(prepareValue) })
    const reader = name === undefined ? undefined : this.#prepared.get(name)
    if (name !== undefined && reader) {
      if (this.#prepared.size > preparedMax / 2) this.#keepLatest(name, reader)
      messages.push(bound, serialize.execute())
      return
    }
    // An earlier batch may have failed between this statement's Parse and its reply; closing an unknown name is no error.
    if (name !== undefined) messages.push(serialize.close({ type: 'S', name }))
    messages.push(
      serialize.parse({ name: name ?? '', text }),
      bound,
      serialize.describe({ type: 'P', name: '' }),
      serialize.execute(),
    )
  }

  /** Only where the oldest may soon have to go: few connections prepare so many. */
  #keepLatest(name: string, reader: RowReader): void {
    this.#prepared.delete(name)
    this.#prepared.set(name, reader)
  }

  /** Before a batch's own messages, so that what this batch uses, and has just made the latest, stays. */
  #closeOldest(): Buffer[] {
    const surplus = this.#prepared.size - preparedMax
    if (surplus <= 0) return []
    const oldest = [...this.#prepared.keys()].slice(0, surplus)
    for (const name of oldest) this.#prepared.delete(name)
    return oldest.map((name) => serialize.close({ type: 'S', name }))
  }

  /** Readies the reader for the statement whose reply comes next. */
  #expect(): void {
    const name = this.#statements[this.#replies.length]?.name
    this.#reader = (name !== undefined && this.#prepared.get(name)) || noColumns
    this.#rows = []
  }

  handleRowDescription({ fields }: { fields: Column[] }): void {
    this.#reader = rowReader(fields)
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    try {
      this.#rows.push(this.#reader(fields))
    } catch (error) {
      this.#unreadable ??= error as Error
    }
  }

  handleCommandComplete({ text }: { text: string }): void {
    const name = this.#statements[this.#replies.length]?.name
    if (name !== undefined) this.#prepared.set(name, this.#reader)
    this.#replies.push({ rows: this.#rows, tag: text })
    this.#expect()
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete({ text: '' })
  }

  handlePortalSuspended(): void {}

  handleError(error: Error): void {
    this.callback(error)
  }

  handleReadyForQuery(): void {
    this.callback(this.#unreadable ?? null)
  }
}
