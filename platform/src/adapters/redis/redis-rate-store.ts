import { Redis } from 'ioredis'
import type { PermitsTaken, PermitsWanted, RateStore } from '#kernel/rate/rate-store'
import { slicesPerWindow, windowMs } from '#kernel/rate/sliding-window'

/**
 * A window is one value: the newest slice, by Redis' clock, then what was taken in it and in each before it. It goes by
 * itself once all of it is past. The script is the same counting as `take_permits` of the PostgreSQL adapter.
 */
const takePermits = `
local kept, sliceMs, wanted, limit = ${slicesPerWindow + 1}, tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local newest = math.floor(nowMs / sliceMs)
local packed = redis.call('GET', KEYS[1])
local before = packed and cmsgpack.unpack(packed) or { newest }
local passed = math.min(math.max(newest - before[1], 0), kept)
local after, used, oldest = { newest }, 0, 0
for n = 1, kept do
  local taken = n > passed and before[1 + n - passed] or 0
  after[1 + n] = taken
  used = used + taken
  if taken > 0 then oldest = n end
end
local granted = math.min(wanted, math.max(limit - used, 0))
after[2] = after[2] + granted
if granted > 0 and oldest == 0 then oldest = 1 end
redis.call('SET', KEYS[1], cmsgpack.pack(after), 'PX', kept * sliceMs)
local freesInMs = oldest > 0 and (newest + 1 - oldest + kept) * sliceMs - nowMs or 0
return { granted, used + granted, freesInMs }
`

const connectTimeoutMs = 1_000
const commandTimeoutMs = 1_000
const reconnectAfterMs = 500

interface TakingRedis extends Redis {
  takePermits(key: string, sliceMs: number, wanted: number, limit: number): Promise<[number, number, number]>
}

/** Counts in a Redis. One window is one key, so that a cluster can part them. */
export class RedisRateStore implements RateStore {
  readonly #redis: TakingRedis
  readonly #connecting: Promise<unknown>
  readonly #sliceMs: number

  constructor(url: string, lengthMs: number = windowMs) {
    this.#sliceMs = lengthMs / slicesPerWindow
    this.#redis = new Redis(url, {
      lazyConnect: true,
      connectTimeout: connectTimeoutMs,
      commandTimeout: commandTimeoutMs,
      maxRetriesPerRequest: 0,
      // Who asks while it is away is told so at once.
      enableOfflineQueue: false,
      retryStrategy: () => reconnectAfterMs,
      scripts: { takePermits: { lua: takePermits, numberOfKeys: 1 } },
    }) as TakingRedis
    // Every question fails with the reason; without a listener ioredis writes it to the console, too.
    this.#redis.on('error', () => {})
    this.#connecting = this.#redis.connect().catch(() => {})
  }

  /** All windows in one round trip. */
  async take(wanted: readonly PermitsWanted[]): Promise<PermitsTaken[]> {
    await this.#connecting
    return Promise.all(
      wanted.map(async ({ window, wanted: permits, limit }) => {
        const key = `tenantry:rate:${window}`
        const [granted, used, freesInMs] = await this.#redis.takePermits(key, this.#sliceMs, permits, limit)
        return { granted, used, freesInMs }
      }),
    )
  }

  async close(): Promise<void> {
    this.#redis.disconnect()
  }
}
