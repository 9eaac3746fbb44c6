import type { Tenant } from '#kernel/context'
import type { Databases } from '#kernel/database/databases'
import type { Place } from '#kernel/database/session'
import { noTenant } from '#kernel/database/signed-context'
import { idNamed } from '#kernel/id'
import type { Log } from '#kernel/observe/log'
import type { Outbound } from '#kernel/outbound/outbound'
import {
  type Chain,
  deliverTurn,
  dueStreams,
  inTransaction,
  keepStream,
  pauseStream,
  type StreamName,
  type StreamRecord,
  sealSecret,
} from '#modules/audit'

/** A stream has something new for it at most every few seconds, when something was sealed; a test event should not wait. */
const lookEveryMs = 1_000
/**
 * Streams in work at once, in this process. Those that failed last have places of their own: however many destinations are
 * dead, each waiting for its deadline, the others are not kept.
 */
const turnsMax = { healthy: 8, failing: 4 }

/** Where the log of the platform itself goes: what staff and the platform did, in no tenant. */
export interface PlatformStream {
  readonly url: string
  readonly secret: string
  readonly format: StreamRecord['format']
}

export interface AuditStreamingParts {
  readonly databases: Databases
  readonly tenantOf: (id: string) => Promise<Tenant | undefined>
  readonly outbound: Outbound
  /** 32 bytes that secrets of streams are sealed with. */
  readonly key: Buffer
  readonly platform: PlatformStream | undefined
  readonly log: Log
}

const platformStream: StreamName = { tenantId: noTenant, id: idNamed('audit stream of the platform') }

/** Carries sealed audit events to where tenants want them. Every process does it; at one stream there is one at a time. */
export class AuditStreaming {
  readonly #parts: AuditStreamingParts
  readonly #turns = { healthy: new Map<string, Promise<void>>(), failing: new Map<string, Promise<void>>() }
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #isPlatformKept = false
  readonly #stop = new AbortController()

  constructor(parts: AuditStreamingParts) {
    this.#parts = parts
  }

  start(): void {
    const look = () => {
      this.#looking ??= this.#look()
        .catch((error: unknown) => this.#parts.log.warn({ error }, 'which audit streams are due could not be seen'))
        .finally(() => {
          this.#looking = undefined
        })
    }
    look()
    this.#timer = setInterval(look, lookEveryMs)
    this.#timer.unref()
  }

  /** Breaks off what is being sent: another process, or the next start, sends it again. */
  async stop(): Promise<void> {
    this.#stop.abort()
    clearInterval(this.#timer)
    await this.#looking
    await this.#turnsInHand()
  }

  /** Begins what is due now, and waits for it. */
  async deliverDue(): Promise<void> {
    await this.#look()
    await this.#turnsInHand()
  }

  async #turnsInHand(): Promise<void> {
    await Promise.all([...this.#turns.healthy.values(), ...this.#turns.failing.values()])
  }

  async #look(): Promise<void> {
    if (!this.#isPlatformKept) await this.#keepPlatformStream()
    for (const lane of ['healthy', 'failing'] as const) {
      const turns = this.#turns[lane]
      const limit = turnsMax[lane] - turns.size
      if (limit === 0 || this.#stop.signal.aborted) continue
      const { outbox } = this.#parts.databases.of('control', undefined)
      for (const name of await dueStreams(outbox, { failing: lane === 'failing', limit })) {
        if (turns.has(name.id)) continue
        turns.set(
          name.id,
          this.#turn(name).finally(() => turns.delete(name.id)),
        )
      }
    }
  }

  async #turn(name: StreamName): Promise<void> {
    const { databases, outbound, key, log } = this.#parts
    const placeOf = (tenantId: string, kind: Chain['kind']) => this.#placeOf(tenantId, kind)
    const fields = { tenant_id: name.tenantId, stream_id: name.id }
    try {
      const outcome = await deliverTurn(
        { control: databases.control, placeOf, outbound, key, signal: this.#stop.signal },
        name,
      )
      const { failed, unread } = outcome ?? {}
      if (unread !== undefined)
        log.warn({ ...fields, error: unread }, 'what an audit stream is to deliver could not be read')
      // A tenant's own are for the tenant, who sees it on the page; nobody but staff looks after the platform's.
      if (failed !== undefined)
        log.warn({ ...fields, reason: failed, alert: name.tenantId === noTenant }, 'an audit stream was not accepted')
    } catch (error) {
      log.warn({ ...fields, error }, 'an audit stream could not be delivered; it will be tried again')
    }
  }

  async #placeOf(tenantId: string, kind: Chain['kind']): Promise<Place | undefined> {
    const { databases, tenantOf } = this.#parts
    if (kind === 'control') return { database: databases.control }
    if (tenantId === noTenant) return databases.cells[0].targetOf(undefined)
    const tenant = await tenantOf(tenantId)
    return tenant && databases.cellOf(tenant).targetOf(tenant)
  }

  /** As it is configured; without a configuration one that was there before waits. */
  async #keepPlatformStream(): Promise<void> {
    const { databases, key, platform } = this.#parts
    await inTransaction({ database: databases.control }, noTenant, async (db) => {
      if (!platform) return pauseStream(db, platformStream)
      const secret = sealSecret(key, platformStream.id, platform.secret)
      return keepStream(db, platformStream, { ...platform, name: 'Platform', secret })
    })
    this.#isPlatformKept = true
  }
}
