import { createLocalJWKSet, errors, type FlattenedJWSInput, type JSONWebKeySet, type JWSHeaderParameters } from 'jose'
import { Failure } from '#kernel/errors/failure'
import { issuerUnreachable } from './failures.ts'
import { requireSecureOrigin } from './secure-origin.ts'

/** Keys are read again when they are older; until that succeeds the old ones go on being used. */
const freshMs = 10 * 60_000
/** Without any contact for this long the keys are trusted no more: one of them may have been withdrawn. */
const trustedMs = 24 * 3_600_000
/** Between two attempts at least, whether the last one failed or a token named a key that nobody knows. */
const cooldownMs = 30_000
const requestTimeoutMs = 5_000
const replyBytesMax = 512 * 1024

type KeySet = ReturnType<typeof createLocalJWKSet>

/**
 * The public keys of an OpenID Connect issuer, found by discovery (OpenID Connect Discovery 1.0 §4). Fetched by one
 * request at a time however many tokens wait for it. jose's own remote set forgets its keys when the issuer is down for
 * ten minutes, and asks again for every unknown key id when it is; hence this one.
 */
export class SigningKeys {
  readonly #issuer: string
  readonly #nowMs: () => number
  #keys: KeySet | undefined
  #fetchedAtMs = Number.NEGATIVE_INFINITY
  #triedAtMs = Number.NEGATIVE_INFINITY
  #fetching: Promise<void> | undefined

  constructor(issuer: string, nowMs: () => number = Date.now) {
    this.#issuer = issuer
    this.#nowMs = nowMs
  }

  /**
   * The key that a token says it was signed with. Throws jose's JWKSNoMatchingKey when the issuer has none such, and
   * fails with `identity.issuer_unreachable` when there are no keys to choose from.
   */
  readonly find = async (header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> => {
    const ageMs = this.#nowMs() - this.#fetchedAtMs
    if (ageMs > trustedMs) await this.#refresh()
    // In the background: the keys are most likely the same, so nobody has to wait.
    else if (ageMs > freshMs) this.#refresh().catch(() => {})
    try {
      return await this.#trusted()(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      const isNew = await this.#refresh().catch(() => false)
      if (!isNew) throw error
      return this.#trusted()(header, token)
    }
  }

  #trusted(): KeySet {
    const isTrusted = this.#nowMs() - this.#fetchedAtMs <= trustedMs
    if (!this.#keys || !isTrusted) throw new Failure(issuerUnreachable, { retryAfterSeconds: cooldownMs / 1000 })
    return this.#keys
  }

  /** Fetches the keys anew, or waits for whoever does; false when it is too early for that. */
  async #refresh(): Promise<boolean> {
    if (!this.#fetching) {
      if (this.#nowMs() - this.#triedAtMs < cooldownMs) return false
      this.#triedAtMs = this.#nowMs()
      this.#fetching = this.#fetch().finally(() => {
        this.#fetching = undefined
      })
    }
    await this.#fetching.catch((cause: unknown) => {
      throw new Failure(issuerUnreachable, { retryAfterSeconds: cooldownMs / 1000, cause })
    })
    return true
  }

  async #fetch(): Promise<void> {
    const about = await fetchJson(`${this.#issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
    const { issuer, jwks_uri: keysUrl } = about as { issuer?: unknown; jwks_uri?: unknown }
    if (issuer !== this.#issuer) throw new Error(`the issuer at ${this.#issuer} calls itself ${String(issuer)}`)
    if (typeof keysUrl !== 'string') throw new Error(`${this.#issuer} names no jwks_uri`)
    requireSecureOrigin(new URL(keysUrl))
    this.#keys = createLocalJWKSet((await fetchJson(keysUrl)) as JSONWebKeySet)
    this.#fetchedAtMs = this.#nowMs()
  }
}

async function fetchJson(url: string): Promise<unknown> {
  const reply = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(requestTimeoutMs),
  })
  if (reply.status !== 200 || !reply.body) throw new Error(`${url} answered ${reply.status}`)
  let bytes = 0
  const chunks: Uint8Array[] = []
  for await (const chunk of reply.body) {
    bytes += chunk.byteLength
    if (bytes > replyBytesMax) throw new Error(`${url} answered more than ${replyBytesMax} bytes`)
    chunks.push(chunk)
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}
