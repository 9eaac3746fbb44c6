import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'

const macBytes = 16

/**
 * Places that callers hand back: signed, and bound to a scope (the tenant, and what was asked for), so that one is worth
 * nothing anywhere else.
 */
export class Cursors {
  /** A key object: given bytes, Node 24 makes one for every signature, which takes 10 µs in place of 2. */
  readonly #key: KeyObject

  constructor(secret: Buffer) {
    this.#key = createSecretKey(secret)
  }

  seal(place: string, scope: string): string {
    return Buffer.concat([this.#mac(place, scope), Buffer.from(place)]).toString('base64url')
  }

  /** Undefined when it was not sealed here for this scope. */
  open(cursor: string, scope: string): string | undefined {
    const bytes = Buffer.from(cursor, 'base64url')
    if (bytes.length <= macBytes) return undefined
    const place = bytes.subarray(macBytes).toString()
    return timingSafeEqual(bytes.subarray(0, macBytes), this.#mac(place, scope)) ? place : undefined
  }

  #mac(place: string, scope: string): Buffer {
    return createHmac('sha256', this.#key).update(`${scope}\0${place}`).digest().subarray(0, macBytes)
  }
}
