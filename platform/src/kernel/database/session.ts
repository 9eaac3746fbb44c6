import { countOf, type DatabaseSpent, type Reply } from './batch.ts'
import type { Connection, Database } from './database.ts'
import { positionOf } from './log-position.ts'
import type { Row } from './rows.ts'
import { isServerError, sqlState } from './server-error.ts'
import type { Identity } from './signed-context.ts'
import { reset, type Sql, type Statement, sql, statementOf } from './statement.ts'

/** Where a session's statements go: a database by one role and, in the bridge model, one schema of it. */
export interface Place {
  readonly database: Database
  /** Absent where the role's own search path is right: everywhere but in the bridge model. */
  readonly schema?: string
}

/** Where an operation's session goes, and where what its commit leaves to do is found. */
export interface Target extends Place {
  readonly outbox: Outbox
  /** The name of its cell where that has a replica: then a commit says how far the log is. */
  readonly replicatedAs?: string
}

/** A replica to read from. */
export interface ReadPlace extends Place {
  /** To be called when it could not answer. */
  distrust(): void
}

/** Messages of one database or, in the bridge model, of one schema of it, as the relay's role reads them. */
export interface Outbox extends Place {
  readonly name: string
  /** How often the schema's bell had rung when it was looked at. */
  readonly rung?: number
}

/**
 * What a store sees of the database: statements of one tenant and one actor, whose context the server verifies.
 * `Result` is what the statement selects, camel-cased (see rows.ts); the contract's tests hold replies against schemas.
 */
export interface Session {
  all<Result extends object = Row>(statement: Sql): Promise<Result[]>
  /** The first row, or undefined when there is none. */
  first<Result extends object = Row>(statement: Sql): Promise<Result | undefined>
  /** How many rows the statement changed. */
  change(statement: Sql): Promise<number>
}

export interface SessionSettings {
  readonly target: Place
  readonly identity: Identity
  /** When the work must be over, on the clock of `performance.now()`. */
  readonly deadlineMs: number
  /** The tenant's part of the pool (see fair-share.ts). Default: 1. */
  readonly weight?: number
  /** Where the time of its statements is added up. */
  readonly spent?: DatabaseSpent
}

abstract class Statements implements Session {
  protected readonly settings: SessionSettings

  constructor(settings: SessionSettings) {
    this.settings = settings
  }

  protected abstract send(statement: Statement): Promise<Reply>

  protected connect(): Promise<Connection> {
    const { target, identity, deadlineMs, weight, spent } = this.settings
    return target.database.connect({
      tenantId: identity.tenantId,
      deadlineMs,
      weight,
      spent,
    })
  }

  async all<Result extends object = Row>(statement: Sql): Promise<Result[]> {
    return (await this.send(this.statementOf(statement))).rows as Result[]
  }

  async first<Result extends object = Row>(statement: Sql): Promise<Result | undefined> {
    return (await this.send(this.statementOf(statement))).rows[0] as Result | undefined
  }

  async change(statement: Sql): Promise<number> {
    return countOf(await this.send(this.statementOf(statement)))
  }

  /** How long to wait for the server: until the deadline, and a little longer, because its own time-out says more. */
  protected patienceMs(): number {
    const leftMs = Math.max(0, this.settings.deadlineMs - performance.now())
    // Few different durations: Node keeps a list of timers for each.
    return Math.ceil(leftMs / patienceStepMs) * patienceStepMs + afterDeadlineMs
  }

  /** Everything a statement's transaction needs, local to it and sent with it in every batch. */
  protected context(readOnly: boolean): Statement[] {
    const { target, identity, deadlineMs } = this.settings
    const leftMs = Math.max(1, Math.ceil(deadlineMs - performance.now()))
    const context = target.database.signer.sign(identity)
    const mode = readOnly ? 'on' : 'off'
    return [
      reset,
      target.schema === undefined ? inRolesPath(context, leftMs, mode) : inSchema(context, leftMs, mode, target.schema),
    ]
  }

  protected statementOf(text: Sql): Statement {
    return namedFor(this.settings.target.schema, statementOf(text))
  }
}

/**
 * A statement under a name of its own for each schema: a plan made under one search path is made anew under the next,
 * which costs more than the statement itself. Connections keep a bounded number of them (see batch.ts).
 */
export function namedFor(schema: string | undefined, statement: Statement): Statement {
  if (schema === undefined || statement.name === undefined) return statement
  return { ...statement, name: `${statement.name} ${schema}` }
}

const afterDeadlineMs = 500
const patienceStepMs = 100

const begin: Statement = { name: 'begin', text: 'begin', values: [] }
const commit: Statement = { name: 'commit', text: 'commit', values: [] }
const rollback: Statement = { name: 'rollback', text: 'rollback', values: [] }

const logPosition: Statement = {
  name: 'log position',
  text: 'select pg_current_wal_insert_lsn()::text as lsn',
  values: [],
}

const contextText = `select set_config('app.context', $1, true), set_config('statement_timeout', $2, true),
  set_config('transaction_read_only', $3, true)`
const contextInSchemaText = `${contextText}, set_config('search_path', $4, true)`

function inRolesPath(context: string, timeoutMs: number, readOnly: string): Statement {
  return { name: 'context', text: contextText, values: [context, timeoutMs, readOnly] }
}

function inSchema(context: string, timeoutMs: number, readOnly: string, schema: string): Statement {
  return {
    name: 'context in schema',
    text: contextInSchemaText,
    values: [context, timeoutMs, readOnly, searchPath(schema)],
  }
}

/** The tenant's schema and the one without tables: nothing that a missing table could be found in instead. */
export function searchPath(schema: string): string {
  return `"${schema.replaceAll('"', '""')}", extensions`
}

/** Reads only. Each statement is a transaction of its own and takes a connection for one round trip. */
export class ReadSession extends Statements {
  protected async send(statement: Statement): Promise<Reply> {
    try {
      return await this.#sendOnce(statement)
    } catch (error) {
      if (sqlState(error) !== expiredContext) throw error
      await this.settings.target.database.readClockAgain()
      return this.#sendOnce(statement)
    }
  }

  async #sendOnce(statement: Statement): Promise<Reply> {
    const connection = await this.connect()
    try {
      const replies = await connection.send([...this.context(true), statement], this.patienceMs())
      connection.release(false)
      return replies.at(-1) as Reply
    } catch (error) {
      connection.release(!isServerError(error))
      throw error
    }
  }
}

const expiredContext = 'TNC03'

/**
 * One transaction, begun with its first statement and in the same round trip. Nothing is begun, and no connection
 * taken, when no statement comes.
 */
export class Transaction extends Statements {
  #connection: Connection | undefined
  #over = false

  protected async send(statement: Statement): Promise<Reply> {
    return (await this.#exchange([statement])).at(-1) as Reply
  }

  async #exchange(statements: readonly Statement[]): Promise<Reply[]> {
    if (this.#over) throw new Error('this transaction is over: a statement came after its operation had ended')
    const begun = this.#connection !== undefined
    this.#connection ??= await this.connect()
    const all = begun ? statements : [begin, ...this.context(false), ...statements]
    try {
      return await this.#connection.send(all, this.patienceMs())
    } catch (error) {
      // A server that is gone or silent will not answer a ROLLBACK either; closing the connection is one.
      if (!isServerError(error)) this.#end(true)
      throw error
    }
  }

  /**
   * Sends the last statements and COMMIT in one round trip. COMMIT of an aborted transaction answers ROLLBACK without
   * an error, so the tag decides. With `position` it gives how far the write-ahead log is by then.
   */
  async commit(last: readonly Statement[], { position = false } = {}): Promise<bigint | undefined> {
    if (!this.#connection && last.length === 0) {
      this.#end(false)
      return undefined
    }
    const replies = await this.#exchange([...last, commit, ...(position ? [logPosition] : [])])
    const committed = replies.at(position ? -2 : -1)
    if (committed?.tag !== 'COMMIT') throw new Error('the transaction was rolled back at COMMIT')
    this.#end(false)
    if (!position) return undefined
    const [row] = (replies.at(-1)?.rows ?? []) as { lsn: string }[]
    return positionOf(row?.lsn ?? '0/0')
  }

  /** Whether anything was written so far, by the server's own account. */
  async hasWritten(): Promise<boolean> {
    if (!this.#connection) return false
    const row = await this.first<{ written: boolean }>(
      sql`select pg_current_xact_id_if_assigned() is not null as written`,
    )
    return row?.written ?? false
  }

  /** Undoes everything; safe to call after a failed commit. */
  async rollback(): Promise<void> {
    const connection = this.#connection
    if (this.#over || !connection) return this.#end(false)
    this.#over = true
    await connection.send([rollback], this.patienceMs()).then(
      () => this.#end(false),
      () => this.#end(true),
    )
  }

  #end(broken: boolean): void {
    this.#over = true
    this.#connection?.release(broken)
    this.#connection = undefined
  }
}
