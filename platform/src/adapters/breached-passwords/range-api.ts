import { createHash } from 'node:crypto'
import type { Log } from '#kernel/observe/log'
import type { BreachedPasswords } from '#modules/identity'

/** Somebody waits for the answer with a form in front of them. */
const timeoutMs = 2_000
const prefixLength = 5
/** A range has about a thousand lines of 40 bytes; padding doubles that at most. */
const replyBytesMax = 1_000_000

/**
 * Asks a server for leaked passwords by range (k-anonymity, as "Have I Been Pwned" serves it below `/range`): five of the 40
 * digits of the SHA-1 leave this process, and the server answers all that begin with them. It answers padded, so that the
 * length of a reply says nothing either.
 *
 * When it cannot be asked, a password is not refused: the list that comes with the platform has been asked anyway.
 */
export class RangeApi implements BreachedPasswords {
  readonly #url: string
  readonly #log: Log
  readonly #timeoutMs: number

  constructor(settings: { url: string; log: Log; timeoutMs?: number }) {
    this.#url = settings.url.replace(/\/$/, '')
    this.#log = settings.log
    this.#timeoutMs = settings.timeoutMs ?? timeoutMs
  }

  async includes(password: string): Promise<boolean> {
    // The lists are of SHA-1, whatever it is worth elsewhere.
    const digest = createHash('sha1').update(password).digest('hex').toUpperCase()
    const [prefix, rest] = [digest.slice(0, prefixLength), digest.slice(prefixLength)]
    try {
      const lines = (await this.#range(prefix)).split(/\r?\n/)
      // Lines of padding count nothing.
      return lines.some((line) => line.startsWith(`${rest}:`) && !/:0*$/.test(line))
    } catch (error) {
      this.#log.warn({ error }, 'a new password could not be looked up among leaked ones, and was let pass')
      return false
    }
  }

  async #range(prefix: string): Promise<string> {
    const response = await fetch(`${this.#url}/range/${prefix}`, {
      headers: { 'add-padding': 'true' },
      redirect: 'error',
      signal: AbortSignal.timeout(this.#timeoutMs),
    })
    if (!response.ok) throw new Error(`the server of leaked passwords answered ${response.status}`)
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true })
      if (text.length > replyBytesMax) throw new Error('the server of leaked passwords answered too much')
    }
    return text
  }
}
