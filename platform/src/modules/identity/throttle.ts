import { hash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import { countOf } from '#kernel/database/batch'
import type { Database } from '#kernel/database/database'
import { isServerError } from '#kernel/database/server-error'
import type { Session as Statements } from '#kernel/database/session'
import { Failure } from '#kernel/errors/failure'
import { throttled } from '#kernel/errors/platform-failures'
import * as store from './store.ts'

/** Attempts allowed within a window that begins with the first of them. */
export interface Limit {
  readonly attempts: number
  readonly windowSeconds: number
}

/** By whom attempts are counted: everybody at an address, one account from one address, one account from anywhere. */
type Counted = 'address' | 'pair' | 'account'
export type ThrottledAction =
  | 'sign-in'
  | 'second-factor'
  | 'sign-up'
  | 'verification'
  | 'password-reset'
  | 'password-change'
export type Limits = Readonly<Record<ThrottledAction, Readonly<Record<Counted, Limit>>>>

const countTimeoutMs = 5_000
const quarterHour = 900
const hour = 3_600

/**
 * Ten tries are enough to remember a password; fifty an hour on one account keep a botnet below 1,200 guesses a day
 * without locking the owner out for long, who can always reset. An address may be a whole office.
 */
export const defaultLimits: Limits = {
  'sign-in': limits({ pair: [10, quarterHour], account: [50, hour], address: [200, quarterHour] }),
  // Three codes hold at any moment: 480 tries a day find one of them with a chance of 1 in 700.
  'second-factor': limits({ pair: [10, quarterHour], account: [20, hour], address: [200, quarterHour] }),
  'sign-up': limits({ pair: [5, hour], account: [5, hour], address: [100, hour] }),
  verification: limits({ pair: [5, hour], account: [5, hour], address: [100, hour] }),
  'password-reset': limits({ pair: [5, hour], account: [5, hour], address: [100, hour] }),
  'password-change': limits({ pair: [10, quarterHour], account: [20, hour], address: [200, quarterHour] }),
}

function limits(of: Record<Counted, [attempts: number, windowSeconds: number]>): Record<Counted, Limit> {
  const limit = ([attempts, windowSeconds]: [number, number]) => ({ attempts, windowSeconds })
  return { address: limit(of.address), pair: limit(of.pair), account: limit(of.account) }
}

/** Who tries. `account` is the e-mail address as typed, or a user's id; it need not exist. */
export interface Attempt {
  readonly account: string
  readonly address: string | undefined
}

/**
 * Counts attempts in `identity.throttles`, for all processes together. Each count is committed at once, on a connection
 * of its own: a sign-in that fails rolls its transaction back, and the attempt must stand. So `count` comes before the
 * operation's first statement, while the operation holds no connection: two at a time could exhaust the pool and wait
 * for each other. `forgive` takes part in the operation's transaction, because it must hold only if that commits.
 *
 * Accounts are counted by name before anybody looks whether they exist, so an unknown one is throttled like any other.
 */
export class Throttle {
  readonly #limiters: ReadonlyMap<string, RateLimiterPostgres>

  constructor(database: Database, by: Limits = defaultLimits) {
    const storeClient = { query: (query: Query) => committed(database, query) }
    this.#limiters = new Map(
      Object.entries(by).flatMap(([action, counters]) =>
        Object.entries(counters).map(([counted, { attempts, windowSeconds }]) => {
          const keyPrefix = `${action}:${counted}`
          const limiter = new RateLimiterPostgres({
            storeClient,
            storeType: 'pool',
            schemaName: 'identity',
            tableName: 'throttles',
            tableCreated: true,
            clearExpiredByTimeout: false,
            keyPrefix,
            points: attempts,
            duration: windowSeconds,
          })
          return [keyPrefix, limiter]
        }),
      ),
    )
  }

  /** Counts one attempt. Fails with `request.throttled` and the seconds to wait when there were too many. */
  async count(action: ThrottledAction, attempt: Attempt): Promise<void> {
    // The widest count comes first: what one address may not do any more is not held against the account.
    for (const counted of ['address', 'pair', 'account'] as const) {
      const [limiter, key] = this.#counter(action, counted, attempt)
      await limiter.consume(key).catch((reason: unknown) => {
        if (!(reason instanceof RateLimiterRes)) throw reason
        throw new Failure(throttled, { retryAfterSeconds: Math.max(1, Math.ceil(reason.msBeforeNext / 1000)) })
      })
    }
  }

  /** An attempt that succeeded was none: the person starts afresh here, and the wider counts lose this one. */
  async forgive(db: Statements, action: ThrottledAction, attempt: Attempt): Promise<void> {
    await store.resetThrottle(db, this.#key(action, 'pair', attempt))
    // Always in this order, so that two sign-ins never wait for each other.
    for (const counted of ['account', 'address'] as const) {
      await store.easeThrottle(db, this.#key(action, counted, attempt))
    }
  }

  /** Lets an account sign in again whatever was tried on it: its owner has just set a new password by mail. */
  async unlock(db: Statements, attempt: Attempt): Promise<void> {
    for (const counted of ['pair', 'account'] as const) {
      await store.resetThrottle(db, this.#key('sign-in', counted, attempt))
    }
  }

  #key(action: ThrottledAction, counted: Counted, attempt: Attempt): string {
    const [limiter, key] = this.#counter(action, counted, attempt)
    return limiter.getKey(key)
  }

  #counter(action: ThrottledAction, counted: Counted, { account, address }: Attempt): [RateLimiterPostgres, string] {
    const limiter = this.#limiters.get(`${action}:${counted}`)
    if (!limiter) throw new Error(`${action} has no limit by ${counted}`)
    const network = networkOf(address ?? 'nowhere')
    const name = account.normalize('NFC').trim().toLowerCase()
    const key = { address: network, pair: `${network} ${name}`, account: name }[counted]
    // Hashed: what people type into the address field may be their password, and no list of addresses should arise here.
    return [limiter, hash('sha256', key)]
  }
}

interface Query {
  text: string
  values: unknown[]
}

async function committed(database: Database, { text, values }: Query) {
  const connection = await database.connect()
  try {
    const [reply] = await connection.send([{ name: undefined, text, values }], countTimeoutMs)
    connection.release(false)
    return { rows: reply?.rows ?? [], rowCount: reply ? countOf(reply) : 0 }
  } catch (error) {
    connection.release(!isServerError(error))
    throw error
  }
}

/** The IPv4 address, or the /64 of an IPv6 one: that is what one subscriber has. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail = ''] = address.split('::')
  const [first, last] = [head, tail].map((part) => (part === '' ? [] : part.split(':'))) as [string[], string[]]
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0')
  const network = [...first, ...zeros, ...last].slice(0, 4)
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
