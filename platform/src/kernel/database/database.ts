import pg from 'pg'
import { Batch, type Reply } from './batch.ts'
import { ContextSigner, type SigningKey } from './signed-context.ts'
import type { Statement } from './statement.ts'

export interface DatabaseSettings {
  /** For messages and logs: `control as identity`, `cell main as serving`. */
  readonly name: string
  readonly url: string
  readonly key: SigningKey
  /** Connections at most. */
  readonly connectionsMax: number
  /** Whether connections go through PgBouncer < 1.21, which cannot carry named statements. */
  readonly unnamedStatements?: boolean
}

/** A connection taken from a pool; give it back by `release`, exactly once. */
export interface Connection {
  /** `timeoutMs` is our own patience: it ends also when the server does not answer at all (a black hole). */
  send(statements: readonly Statement[], timeoutMs?: number): Promise<Reply[]>
  /** `broken`: do not use it again (a time-out, a failed roll-back): the server may still answer the old question. */
  release(broken: boolean): void
}

/** Waiting for a connection, the TCP connect included, before the caller is told that there is none. */
const checkoutTimeoutMs = 5_000
/** For a batch of which nobody said how long it may take. */
const batchTimeoutMs = 30_000
const idleTimeoutMs = 60_000
/** A connection that has touched 1,000 schemas holds 206 MB: none lives for ever. */
const connectionAgeMaxSeconds = 1_800

/** One database, reached by one role: its pool, its clock, and the key that its contexts are signed with. */
export class Database {
  readonly name: string
  readonly signer: ContextSigner
  readonly #settings: DatabaseSettings
  #pool: pg.Pool
  /** The server's clock minus this process's monotonic one, in ms: wall clocks here may jump, this does not. */
  #clockOffsetMs = Number.NaN

  constructor(settings: DatabaseSettings) {
    this.name = settings.name
    this.#settings = settings
    this.signer = new ContextSigner(settings.key, () => performance.now() + this.#clockOffsetMs)
    this.#pool = this.#newPool()
  }

  #newPool(): pg.Pool {
    const pool = new pg.Pool({
      connectionString: this.#settings.url,
      max: this.#settings.connectionsMax,
      connectionTimeoutMillis: checkoutTimeoutMs,
      idleTimeoutMillis: idleTimeoutMs,
      maxLifetimeSeconds: connectionAgeMaxSeconds,
      query_timeout: checkoutTimeoutMs,
      onConnect: awaited((client) => this.#readClock(client)),
    })
    // A connection that breaks while idle is replaced at the next checkout; one that breaks in somebody's hands fails their
    // next statement. Without listeners for both, a PostgreSQL that is restarted would end this process.
    pool.on('error', () => {})
    pool.on('connect', (client) => client.on('error', () => {}))
    return pool
  }

  async #readClock(client: pg.ClientBase): Promise<void> {
    const askedAtMs = performance.now()
    const { rows } = await client.query<{ ms: string }>("select date_part('epoch', clock_timestamp()) * 1000 as ms")
    const offsetMs = Number(rows[0]?.ms) - (askedAtMs + performance.now()) / 2
    // Contexts live for tens of seconds, so only a real change of the server's clock voids those already signed.
    if (Math.abs(offsetMs - this.#clockOffsetMs) > 1_000) this.signer.forget()
    this.#clockOffsetMs = offsetMs
  }

  async connect(): Promise<Connection> {
    const client = await this.#pool.connect()
    return {
      send: (statements, timeoutMs = batchTimeoutMs) => {
        const batch = new Batch(this.#settings.unnamedStatements ? statements.map(unnamed) : statements, timeoutMs)
        client.query(batch)
        return batch.promise
      },
      release: (broken) => client.release(broken),
    }
  }

  /** Reads the server's clock again: what to do when it refuses a context as expired. */
  async readClockAgain(): Promise<void> {
    const client = await this.#pool.connect()
    await this.#readClock(client).finally(() => client.release())
    this.signer.forget()
  }

  get connections(): { open: number; idle: number; waiting: number } {
    return { open: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#pool.waitingCount }
  }

  /** Closes its connections as they come back; the next one who asks gets a new one. */
  rest(): void {
    const pool = this.#pool
    if (pool.totalCount === 0) return
    this.#pool = this.#newPool()
    void pool.end()
  }

  end(): Promise<void> {
    return this.#pool.end()
  }
}

/** pg-pool awaits this hook before it hands the connection out; its types say that it returns nothing. */
function awaited(hook: (client: pg.ClientBase) => Promise<void>): (client: pg.ClientBase) => void {
  // oxlint-disable-next-line typescript/no-misused-promises -- pg-pool 3.14 awaits it, @types/pg 8.23 does not say so
  return hook
}

function unnamed(statement: Statement): Statement {
  return { ...statement, name: undefined }
}
