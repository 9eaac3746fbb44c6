import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** A key of one database, shared by the application and `tenancy.signing_keys` there. */
export interface SigningKey {
  /** Names the key inside the context, so that two keys can be valid while one replaces the other. */
  readonly id: string
  readonly secret: Buffer
}

/** Whom a database session works for. The nil tenant stands for "no tenant" in control operations. */
export interface Identity {
  readonly tenantId: string
  readonly actorId: string
}

export const noTenant = '00000000-0000-0000-0000-000000000000'
/** The platform itself: the relay's handlers, provisioning, the look-up of a key before anybody is known. */
export const systemActor = '00000000-0000-0000-0000-000000000001'

/** How long a context stays valid. It must outlive the longest transaction; a stolen one works no longer than this. */
export const contextValidMs = 30_000
/** A signed context is used again for this long, so that a busy tenant does not pay a signature a statement. */
const contextReusedMs = 10_000
const contextsKeptMax = 10_000

/**
 * Signs contexts `key.tenant.actor.expiry.signature` for one database, where `tenancy.verified_tenant()` checks them
 * with the same formula: hex(sha256(secret ‖ message ‖ secret)). Keyed at both ends, because a single leading key
 * would be open to length extension. sha256 is what PostgreSQL has built in; pgcrypto's HMAC costs a tenth more.
 */
export class ContextSigner {
  readonly #key: SigningKey
  readonly #databaseNowMs: () => number
  readonly #contexts = new LRUCache<string, string>({ max: contextsKeptMax, ttl: contextReusedMs, ttlResolution: 0 })

  /** `databaseNowMs` is the database's clock (Unix milliseconds): the expiry is judged there, not here. */
  constructor(key: SigningKey, databaseNowMs: () => number) {
    this.#key = key
    this.#databaseNowMs = databaseNowMs
  }

  sign({ tenantId, actorId }: Identity): string {
    const who = `${tenantId}.${actorId}`
    const ready = this.#contexts.get(who)
    if (ready !== undefined) return ready
    const expiresAtMs = Math.floor(this.#databaseNowMs()) + contextValidMs + contextReusedMs
    const message = `${this.#key.id}.${who}.${expiresAtMs}`
    const context = `${message}.${signatureOf(message, this.#key.secret)}`
    this.#contexts.set(who, context)
    return context
  }

  /** After the database's clock was read anew, contexts made by the old reading must not be used again. */
  forget(): void {
    this.#contexts.clear()
  }
}

function signatureOf(message: string, secret: Buffer): string {
  return hash('sha256', Buffer.concat([secret, Buffer.from(message), secret]))
}
