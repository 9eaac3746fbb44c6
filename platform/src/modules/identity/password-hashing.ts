import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { WaitingLine } from './waiting-line.ts'

/** OWASP Password Storage Cheat Sheet, argon2id: at least 19 MiB, two passes, one lane. 20 to 40 ms of one core. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 }
const saltBytes = 16
const digestBytes = 32

/**
 * Two at once are half of libuv's threads and 40 MiB. Two hundred are done within about four seconds; more would wait
 * longer than people do.
 */
const lineLimits = { atOnceMax: 2, waitingMax: 200, retryAfterSeconds: 5 }

const derive = promisify(argon2)

/** The PHC string format, as every argon2 implementation writes it: `$argon2id$v=19$m=19456,t=2,p=1$salt$digest`. */
const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** Passwords and their hashes, computed off the main thread. */
export class PasswordHashing {
  readonly #line = new WaitingLine(lineLimits)

  /**
   * Runs work that hashes, a few at a time; fails with `platform.unavailable` when too many wait. To be entered before
   * the work's first statement: a thousand who wait for a core must not hold the connections that others need.
   */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#line.run(work)
  }

  /** The PHC string of a password, with a salt of its own. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(saltBytes)
    const digest = await derive('argon2id', {
      message: bytesOf(password),
      nonce: salt,
      tagLength: digestBytes,
      ...cost,
    })
    return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${unpadded(salt)}$${unpadded(digest)}`
  }

  /** Whether a PHC string is of this password; takes the same time either way. Throws for anything but a PHC string. */
  async verify(hash: string, password: string): Promise<boolean> {
    const [, memory, passes, parallelism, salt, digest] = phc.exec(hash) ?? []
    if (!salt || !digest) throw new Error('a stored password is no argon2id PHC string')
    const expected = Buffer.from(digest, 'base64')
    const actual = await derive('argon2id', {
      message: bytesOf(password),
      nonce: Buffer.from(salt, 'base64'),
      tagLength: expected.length,
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
    })
    return timingSafeEqual(actual, expected)
  }
}

/** NFKC first (NIST SP 800-63B §5.1.1.2), so that a password typed on another keyboard is still the same. */
function bytesOf(password: string): Buffer {
  return Buffer.from(password.normalize('NFKC'))
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
