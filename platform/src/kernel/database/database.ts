import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { Batch, type DatabaseSpent, type Reply } from './batch.ts'
import { FairShare } from './fair-share.ts'
import { refuseIfPoolerIsUnfit } from './pooler.ts'
import { ContextSigner, noTenant, type SigningKey } from './signed-context.ts'
import { reset, type Statement } from './statement.ts'

export interface DatabaseSettings {
  /** For messages and logs: `control as identity`, `cell main as serving`. */
  readonly name: string
  readonly url: string
  readonly key: SigningKey
  /** Connections at most. */
  readonly connectionsMax: number
  /** Whether connections go through PgBouncer < 1.21, which cannot carry named statements. */
  readonly unnamedStatements?: boolean
  /** Whether nobody has looked before this process served if there is a pooler that carries no named statements. */
  readonly poolerUnseen?: boolean
  /** How long a connection may be idle before it is closed. */
  readonly idleMs?: number
  /** How old a connection may be when it is handed to somebody, in seconds. Default: 1,800. */
  readonly ageMaxSeconds?: number
}

/** For whom a connection is taken. */
export interface Borrower {
  /** `noTenant` for the platform itself. */
  readonly tenantId: string
  /** When it is no use any more, on the clock of `performance.now()`. */
  readonly deadlineMs: number
  /** The tenant's part of the pool by its plan, as a multiple of the smallest. Default: what it was before, and 1 at first. */
  readonly weight?: number | undefined
  /** Where the time between statements sent and their replies is added up. */
  readonly spent?: DatabaseSpent | undefined
}

/** A connection taken from a pool; give it back by `release`, exactly once. */
export interface Connection {
  /** `timeoutMs` is our own patience: it ends also when the server does not answer at all (a black hole). */
  send(statements: readonly Statement[], timeoutMs?: number): Promise<Reply[]>
  /** `broken`: do not use it again (a time-out, a failed roll-back): the server may still answer the old question. */
  release(broken: boolean): void
}

/** For a new connection: TCP connect, authentication and the first reading of the server's clock. */
const connectTimeoutMs = 5_000
/**
 * While a server does not answer, each attempt takes that long. Callers of one cell that is down must not pile up in it:
 * 200 of them left the tenants of another cell 3 requests of 42. So after a failure nobody waits: callers are refused at
 * once, and the next attempts are made beside them, as long as somebody asks. After a silence a caller tries again.
 */
const triedAgainAfterMs = 500
const unreachableForMs = 10_000
/** For look-ups of the platform that name no deadline. */
const lookUpTimeoutMs = 5_000
/** For a batch of which nobody said how long it may take. */
const batchTimeoutMs = 30_000
const idleTimeoutMs = 60_000
/** A connection that has touched 1,000 schemas holds 206 MB: none lives for ever. */
const connectionAgeMaxSeconds = 1_800
/** How often a pool that is to end is asked whether somebody still waits in it. */
const waitersCountedEveryMs = 20

/** One database, reached by one role: its pool, its clock, and the key that its contexts are signed with. */
export class Database {
  readonly name: string
  readonly signer: ContextSigner
  readonly #settings: DatabaseSettings
  readonly #share: FairShare
  #pool: pg.Pool
  /** Until when a connection may be used, on the clock of `performance.now()`; absent once it is broken or to be closed. */
  #usableUntilMs = new WeakMap<object, number>()
  /** Given back while somebody waited: for whoever is admitted next, which spares both the way through the pool. */
  readonly #handedOn: pg.PoolClient[] = []
  /** Why and when no new connection could be made, as far as that is still so. */
  #unreachable: { readonly error: unknown; readonly atMs: number } | undefined
  #trying = false
  #isPoolerUnseen: boolean
  /** The server's clock minus this process's monotonic one, in ms: wall clocks here may jump, this does not. */
  #clockOffsetMs = Number.NaN

  constructor(settings: DatabaseSettings) {
    this.name = settings.name
    this.#settings = settings
    this.#isPoolerUnseen = settings.poolerUnseen === true && !settings.unnamedStatements
    this.#share = new FairShare(settings.connectionsMax)
    this.signer = new ContextSigner(settings.key, () => performance.now() + this.#clockOffsetMs)
    this.#pool = this.#newPool()
  }

  #newPool(): pg.Pool {
    const usable = new WeakMap<object, number>()
    const ageMaxSeconds = this.#settings.ageMaxSeconds ?? connectionAgeMaxSeconds
    this.#usableUntilMs = usable
    const pool = new pg.Pool({
      connectionString: this.#settings.url,
      max: this.#settings.connectionsMax,
      connectionTimeoutMillis: connectTimeoutMs,
      idleTimeoutMillis: this.#settings.idleMs ?? idleTimeoutMs,
      maxLifetimeSeconds: ageMaxSeconds,
      query_timeout: connectTimeoutMs,
      onConnect: awaited(async (client) => {
        await this.#readClock(client)
        await this.#lookForPooler(client)
      }),
    })
    // A connection that breaks while idle is replaced at the next checkout; one that breaks in somebody's hands fails their
    // next statement. Without listeners for both, a PostgreSQL that is restarted would end this process.
    pool.on('error', () => {})
    pool.on('connect', (client) => {
      usable.set(client, performance.now() + ageMaxSeconds * 1_000)
      client.on('error', () => usable.delete(client))
      client.on('end', () => usable.delete(client))
    })
    return pool
  }

  /** Until it was seen once that statements stay with their connection. */
  async #lookForPooler(client: pg.ClientBase): Promise<void> {
    if (!this.#isPoolerUnseen) return
    await refuseIfPoolerIsUnfit(client, this.#settings.url)
    this.#isPoolerUnseen = false
  }

  async #readClock(client: pg.ClientBase): Promise<void> {
    const askedAtMs = performance.now()
    const batch = new Batch([unnamed(reset), serverClock], connectTimeoutMs)
    client.query(batch)
    const [, reply] = await batch.promise
    const offsetMs = Number(reply?.rows[0]?.['ms']) - (askedAtMs + performance.now()) / 2
    // Contexts live for tens of seconds, so only a real change of the server's clock voids those already signed.
    if (Math.abs(offsetMs - this.#clockOffsetMs) > 1_000) this.signer.forget()
    this.#clockOffsetMs = offsetMs
  }

  /**
   * A connection, once the borrower's share of the pool allows it. Fails with `platform.unavailable` when that takes too
   * long or too many wait already (see fair-share.ts), and with the driver's error when the server cannot be reached.
   */
  async connect(borrower: Borrower = forPlatform()): Promise<Connection> {
    const client = await this.#take(borrower)
    let released = false
    return {
      send: (statements, timeoutMs = batchTimeoutMs) => {
        const sent = this.#settings.unnamedStatements ? statements.map(unnamed) : statements
        const batch = new Batch(sent, timeoutMs, borrower.spent)
        client.query(batch)
        return batch.promise
      },
      release: (broken) => {
        if (released) throw new Error('this connection has already been released')
        released = true
        this.#giveBack(client, borrower, broken)
      },
    }
  }

  async #take({ tenantId, deadlineMs, weight }: Borrower): Promise<pg.PoolClient> {
    const turn = this.#share.take(tenantId, deadlineMs, weight)
    if (turn) await turn
    try {
      return this.#handedOn.pop() ?? (await this.#checkOut())
    } catch (error) {
      this.#share.giveBack(tenantId)
      throw error
    }
  }

  #checkOut(): Promise<pg.PoolClient> {
    if (this.#unreachable && this.#pool.idleCount === 0) {
      const { error, atMs } = this.#unreachable
      const sinceMs = performance.now() - atMs
      if (sinceMs < unreachableForMs) {
        if (sinceMs > triedAgainAfterMs) this.#tryAgain()
        throw error
      }
    }
    return this.#reach()
  }

  /** One attempt at a time, which nobody waits for. */
  #tryAgain(): void {
    if (this.#trying) return
    this.#trying = true
    void this.#reach()
      .then(
        (client) => client.release(),
        () => {},
      )
      .finally(() => {
        this.#trying = false
      })
  }

  async #reach(): Promise<pg.PoolClient> {
    try {
      const client = await this.#pool.connect()
      this.#unreachable = undefined
      return client
    } catch (error) {
      this.#unreachable = { error, atMs: performance.now() }
      throw error
    }
  }

  #giveBack(client: pg.PoolClient, { tenantId }: Borrower, broken: boolean): void {
    const isAwaited = this.#share.giveBack(tenantId)
    const isUsable = !broken && performance.now() < (this.#usableUntilMs.get(client) ?? 0)
    if (isAwaited && isUsable) this.#handedOn.push(client)
    else client.release(broken)
  }

  /** Reads the server's clock again: what to do when it refuses a context as expired. */
  async readClockAgain(): Promise<void> {
    const borrower = forPlatform()
    const client = await this.#take(borrower)
    await this.#readClock(client).then(
      () => this.#giveBack(client, borrower, false),
      (error: unknown) => {
        this.#giveBack(client, borrower, true)
        throw error
      },
    )
    this.signer.forget()
  }

  get connections(): { open: number; idle: number; waiting: number } {
    return { open: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#share.waiting }
  }

  /** Closes its connections as they come back; the next one who asks gets a new one. */
  rest(): void {
    const pool = this.#pool
    if (pool.totalCount === 0) return
    this.#pool = this.#newPool()
    void endOnceServed(pool)
  }

  end(): Promise<void> {
    return this.#pool.end()
  }
}

/** An idle connection is handed over a tick after it was asked for; a pool that has been told to end hands nothing over. */
async function endOnceServed(pool: pg.Pool): Promise<void> {
  while (pool.waitingCount > 0) await wait(waitersCountedEveryMs)
  await pool.end()
}

function forPlatform(): Borrower {
  return { tenantId: noTenant, deadlineMs: performance.now() + lookUpTimeoutMs }
}

/** pg-pool awaits this hook before it hands the connection out; its types say that it returns nothing. */
function awaited(hook: (client: pg.ClientBase) => Promise<void>): (client: pg.ClientBase) => void {
  // oxlint-disable-next-line typescript/no-misused-promises -- pg-pool 3.14 awaits it, @types/pg 8.23 does not say so
  return hook
}

const serverClock: Statement = {
  name: undefined,
  text: "select date_part('epoch', clock_timestamp()) * 1000 as ms",
  values: [],
}

function unnamed(statement: Statement): Statement {
  return { ...statement, name: undefined }
}
