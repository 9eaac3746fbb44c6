import { lookup } from 'node:dns/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { port } from '../port.ts'
import { isLoopbackAddress, isPublicAddress } from './public-address.ts'

/** What an address that a customer has typed may lead to, and how it is called. The only place that calls such addresses. */

/** An address as the resolver answers it. */
export interface ResolvedAddress {
  readonly address: string
  readonly family: number
}

export interface OutboundSettings {
  /** Development and tests: http and any port on this machine, and nothing else beside what is allowed anyway. */
  readonly loopback: boolean
  readonly resolve?: (hostname: string) => Promise<readonly ResolvedAddress[]>
}

export interface OutboundRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** For everything: resolving, connecting, sending, and reading the reply. */
  readonly timeoutMs: number
  /** Ends it sooner. */
  readonly signal?: AbortSignal
}

export interface OutboundReply {
  readonly status: number
  /** From Retry-After, where that is a number of seconds. */
  readonly retryAfterSeconds: number | undefined
  /** The beginning of the reply; the rest is not read. */
  readonly excerpt: string
}

/** An address that is not called. The message is for whoever has typed it. */
export class OutboundRefused extends Error {
  override readonly name = 'OutboundRefused'
}

/** Of https, and two that collectors of logs listen on by default. */
const portsAllowed: ReadonlySet<string> = new Set(['443', '8088', '8443'])
const replyBytesMax = 1_000
const headerBytesMax = 16_384

export const outbound = port<Outbound>('outbound requests')

/**
 * Calls addresses of customers. A name is resolved once, every address that it has must be public, and the connection goes
 * to one of those: a name that answers differently a moment later (DNS rebinding) changes nothing. Redirects are not
 * followed. Each request has a connection of its own.
 */
export class Outbound {
  readonly #loopback: boolean
  readonly #resolve: NonNullable<OutboundSettings['resolve']>

  constructor({ loopback, resolve = (hostname) => lookup(hostname, { all: true }) }: OutboundSettings) {
    this.#loopback = loopback
    this.#resolve = resolve
  }

  /**
   * What can be said of an address without looking its name up. Throws OutboundRefused. Decimal, octal and short forms of
   * IPv4 addresses are no names: the URL parser has turned them into four numbers by then (WHATWG URL §3.5).
   */
  check(text: string): URL {
    if (!URL.canParse(text)) throw new OutboundRefused('This is no complete address.')
    const url = new URL(text)
    if (url.username !== '' || url.password !== '')
      throw new OutboundRefused('An address has no user name or password.')
    const literal = literalIn(url)
    if (this.#loopback && literal !== undefined && isLoopbackAddress(literal)) return url
    if (url.protocol !== 'https:') throw new OutboundRefused('The address must begin with https://.')
    if (!portsAllowed.has(url.port || '443'))
      throw new OutboundRefused(`Its port must be one of ${[...portsAllowed].join(', ')}.`)
    if (literal !== undefined && !this.#mayCall(literal))
      throw new OutboundRefused('It is not an address of the internet.')
    return url
  }

  #mayCall(address: string): boolean {
    return isPublicAddress(address) || (this.#loopback && isLoopbackAddress(address))
  }

  /** Sends a POST. Throws OutboundRefused for an address that is not called, and the error of whatever else went wrong. */
  async post(text: string, { headers, body, timeoutMs, signal: sooner }: OutboundRequest): Promise<OutboundReply> {
    const url = this.check(text)
    const deadline = AbortSignal.timeout(timeoutMs)
    const signal = sooner ? AbortSignal.any([deadline, sooner]) : deadline
    const address = await this.#addressOf(url, signal)
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest
    return new Promise((resolve, reject) => {
      const sent = request(
        url,
        {
          method: 'POST',
          agent: false,
          lookup: answering(address),
          signal,
          maxHeaderSize: headerBytesMax,
          headers: { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' },
        },
        (reply) => {
          replyOf(reply).then(resolve, reject)
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  }

  async #addressOf(url: URL, signal: AbortSignal): Promise<ResolvedAddress> {
    const literal = literalIn(url)
    if (literal !== undefined) return { address: literal, family: isIP(literal) }
    const found = await Promise.race([this.#resolve(url.hostname), aborted(signal)])
    // All of them: whoever answers one public address and one of this network hopes that the second is tried.
    if (!found.every(({ address }) => this.#mayCall(address)))
      throw new OutboundRefused('Its name leads to an address that is not one of the internet.')
    const [first] = found
    if (!first) throw new OutboundRefused('Its name leads nowhere.')
    return first
  }
}

/** The address in an URL that has one in place of a name. */
function literalIn({ hostname }: URL): string | undefined {
  const address = hostname.replace(/^\[(.*)\]$/, '$1')
  return isIP(address) === 0 ? undefined : address
}

/** A resolver that knows one answer. */
function answering({ address, family }: ResolvedAddress): LookupFunction {
  return (_hostname, { all }, answer) => {
    if (all) answer(null, [{ address, family }])
    else answer(null, address, family)
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

async function replyOf(reply: IncomingMessage): Promise<OutboundReply> {
  const chunks: Buffer[] = []
  let bytes = 0
  // Leaving the loop closes the connection, whatever is still to come.
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= replyBytesMax) break
  }
  const retryAfter = reply.headers['retry-after']
  return {
    status: reply.statusCode ?? 0,
    retryAfterSeconds: retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined,
    excerpt: Buffer.concat(chunks).subarray(0, replyBytesMax).toString(),
  }
}
