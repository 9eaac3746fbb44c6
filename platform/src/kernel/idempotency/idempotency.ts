import { createHmac, hkdfSync } from 'node:crypto'
import type { Answer } from '../call.ts'
import { sqlState } from '../database/server-error.ts'
import { namedFor, type Target, type Transaction } from '../database/session.ts'
import { type Statement, sql, statementOf } from '../database/statement.ts'
import { Failure } from '../errors/failure.ts'
import { idempotencyInFlight, idempotencyMismatch } from '../errors/platform-failures.ts'
import { seal, unseal } from '../sealing.ts'
import { InFlight } from './in-flight.ts'

/**
 * Requests that come twice with one Idempotency-Key are carried out once (IETF draft-ietf-httpapi-idempotency-key-header).
 *
 * The key's row, the effect and the stored reply are one transaction. So there is no lock with a time limit, which a slow
 * handler would outlive, and no moment at which a crash leaves one without the others: a twin in another process waits for
 * the row's transaction, and finds either the reply or nothing at all.
 */

/** How long a twin in this process waits before it is told to come back; one in another waits for the roles' lock_timeout. */
const patienceMs = 2_000
/** Of expired rows, how many of its tenant's each request with a key takes away. */
const sweptAtOnce = 20
const lockNotAvailable = '55P03'

/** What one caller may use one key for once. */
export interface Attempt {
  readonly tenantId: string
  readonly principalId: string
  readonly operation: string
  readonly key: string
  /** Everything that was asked for: the same key with something else is refused. */
  readonly asked: unknown
}

type Kept = Pick<Answer, 'output' | 'session'>

export class Idempotency {
  readonly #secret: Buffer
  readonly #inFlight = new InFlight()

  /** `secret`: of the whole installation, the same in every process. */
  constructor(secret: Buffer) {
    this.#secret = secret
  }

  /** Keeps twins in this process from running side by side. Throws `request.in_flight` when the first takes too long. */
  async alone<Result extends object>(attempt: Attempt, work: (claim: Claim) => Promise<Result>): Promise<Result> {
    const { tenantId, principalId, operation } = attempt
    const digest = this.#digestOf(attempt.key)
    const name = [tenantId, principalId, operation, digest.toString('base64')].join(' ')
    const result = await this.#inFlight.alone(name, patienceMs, () =>
      work(new Claim(attempt, digest, this.#sealingKey(attempt.key))),
    )
    return result ?? refuseTwin()
  }

  /** The key itself is not kept: it opens the reply. */
  #digestOf(key: string): Buffer {
    return createHmac('sha256', this.#secret).update(key).digest()
  }

  #sealingKey(key: string): Buffer {
    return Buffer.from(hkdfSync('sha256', key, this.#secret, 'idempotent replies', 32))
  }
}

/** One key in one transaction. */
export class Claim {
  readonly #attempt: Attempt
  readonly #digest: Buffer
  readonly #sealingKey: Buffer

  constructor(attempt: Attempt, digest: Buffer, sealingKey: Buffer) {
    this.#attempt = attempt
    this.#digest = digest
    this.#sealingKey = sealingKey
  }

  /**
   * Takes the key for this transaction; undefined when nobody has used it. Else the reply of whoever did. Waits for a
   * twin that is at work. Throws `request.in_flight` when that takes too long, and `request.key_reused` when the key was
   * used for something else.
   */
  async take(transaction: Transaction): Promise<Kept | undefined> {
    const { tenantId, principalId, operation } = this.#attempt
    const fingerprint = fingerprintOf(this.#attempt.asked, this.#sealingKey)
    const taken = await transaction
      .first(sql`
        insert into idempotency_keys as k (tenant_id, principal_id, operation, key_digest, fingerprint, created_at)
        values (${tenantId}, ${principalId}, ${operation}, ${this.#digest}, ${fingerprint}, now())
        on conflict (tenant_id, principal_id, operation, key_digest) do update
          set fingerprint = excluded.fingerprint, reply = null, created_at = excluded.created_at
          where k.created_at < now() - interval '24 hours'
        returning k.operation`)
      .catch((error: unknown) => {
        if (sqlState(error) === lockNotAvailable) refuseTwin()
        throw error
      })
    if (taken) return undefined
    const found = await transaction.first<{ fingerprint: Buffer; reply: Buffer }>(sql`
      select fingerprint, reply from idempotency_keys where tenant_id = ${tenantId} and principal_id = ${principalId}
        and operation = ${operation} and key_digest = ${this.#digest}`)
    if (!found || !found.fingerprint.equals(fingerprint)) throw new Failure(idempotencyMismatch)
    return JSON.parse(unseal(this.#sealingKey, found.reply, this.#boundTo()).toString()) as Kept
  }

  /** What goes with the commit: the reply, and the tenant's expired rows away. */
  statementsWith({ output, session }: Kept, { schema }: Target): Statement[] {
    const { tenantId, principalId, operation } = this.#attempt
    const reply = seal(this.#sealingKey, Buffer.from(JSON.stringify({ output, session })), this.#boundTo())
    return [
      sql`update idempotency_keys set reply = ${reply} where tenant_id = ${tenantId} and principal_id = ${principalId}
        and operation = ${operation} and key_digest = ${this.#digest}`,
      sql`delete from idempotency_keys where ctid = any (array(select ctid from idempotency_keys
        where tenant_id = ${tenantId} and created_at < now() - interval '24 hours' limit ${sweptAtOnce} for update skip locked))`,
    ].map((text) => namedFor(schema, statementOf(text)))
  }

  #boundTo(): string {
    const { tenantId, principalId, operation } = this.#attempt
    return [tenantId, principalId, operation].join(' ')
  }
}

function refuseTwin(): never {
  throw new Failure(idempotencyInFlight, { retryAfterSeconds: 1 })
}

/**
 * The same for the same fields in any order. Keyed, because an input may hold a password: whoever reads the database must
 * not be able to try passwords against a plain digest.
 */
function fingerprintOf(asked: unknown, key: Buffer): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify(asked, sortedKeys) ?? 'null')
    .digest()
}

function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)))
}
