import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { Failure } from '#kernel/errors/failure'
import { unavailable } from '#kernel/errors/platform-failures'

/** OWASP Password Storage Cheat Sheet, argon2id: at least 19 MiB, two passes, one lane. About 40 ms on a 2026 core. */
const cost = { memoryKiB: 19_456, passes: 2, parallelism: 1 }
const saltBytes = 16
const digestBytes = 32

/** Half of libuv's four threads: files and name look-ups go on meanwhile, and memory stays below 40 MiB. */
const atOnceMax = 2
/** What is done within about five seconds; more would wait longer than people do. */
const waitingMax = 200
const retryAfterSeconds = 5

const derive = promisify(argon2)

/** The PHC string format, as every argon2 implementation writes it: `$argon2id$v=19$m=19456,t=2,p=1$salt$digest`. */
const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/**
 * Hashes passwords off the main thread, a few at a time. Fails with `platform.unavailable` when too many wait already.
 */
export class PasswordHashing {
  #running = 0
  readonly #waiting: (() => void)[] = []

  /** The PHC string of a password, with a salt of its own. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(saltBytes)
    const digest = await this.#inTurn(() => digestOf(password, { ...cost, salt, length: digestBytes }))
    const { memoryKiB, passes, parallelism } = cost
    return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(digest)}`
  }

  /** Whether a PHC string is of this password; takes the same time either way. Throws for anything but a PHC string. */
  async verify(hash: string, password: string): Promise<boolean> {
    const [, memoryKiB, passes, parallelism, salt, digest] = phc.exec(hash) ?? []
    if (!salt || !digest) throw new Error('a stored password is no argon2id PHC string')
    const expected = Buffer.from(digest, 'base64')
    const actual = await this.#inTurn(() =>
      digestOf(password, {
        memoryKiB: Number(memoryKiB),
        passes: Number(passes),
        parallelism: Number(parallelism),
        salt: Buffer.from(salt, 'base64'),
        length: expected.length,
      }),
    )
    return timingSafeEqual(actual, expected)
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running >= atOnceMax) {
      if (this.#waiting.length >= waitingMax) throw new Failure(unavailable, { retryAfterSeconds })
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else {
      this.#running += 1
    }
    try {
      return await work()
    } finally {
      // Whoever waits takes this place over; only without anybody does it become free.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}

interface Derivation {
  memoryKiB: number
  passes: number
  parallelism: number
  salt: Buffer
  length: number
}

/** NFKC first (NIST SP 800-63B §5.1.1.2), so that a password typed on another keyboard is still the same. */
function digestOf(password: string, { memoryKiB, passes, parallelism, salt, length }: Derivation): Promise<Buffer> {
  const parameters: Argon2Parameters = {
    message: password.normalize('NFKC'),
    nonce: salt,
    parallelism,
    tagLength: length,
    memory: memoryKiB,
    passes,
  }
  return derive('argon2id', parameters)
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
