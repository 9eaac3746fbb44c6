import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A request as it came. */
export interface Received {
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type Answering = (reply: ServerResponse, received: Received) => void

export const accepting: Answering = (reply) => void reply.writeHead(204).end()

/** Where audit logs are streamed to in tests. */
export class Receiver {
  readonly received: Received[] = []
  /** Requests that are being answered at this moment, and the most of them that there ever were. */
  inWork = 0
  inWorkMost = 0
  answering: Answering = accepting
  readonly #server = createServer((request, reply) => {
    this.inWorkMost = Math.max(this.inWorkMost, ++this.inWork)
    reply.on('close', () => this.inWork--)
    void this.#take(request, reply)
  })

  static async start(): Promise<Receiver> {
    const receiver = new Receiver()
    await new Promise<void>((listening) => receiver.#server.listen(0, '127.0.0.1', listening))
    return receiver
  }

  async #take(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const received = { headers: request.headers, body: await text(request) }
    this.received.push(received)
    this.answering(reply, received)
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/in`
  }

  /** Entries of lines of JSON, in the order in which they came. */
  get entries(): { id: string; event: string; chain: string; seal: number; place: number }[] {
    return this.received.flatMap(({ body }) =>
      body
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Receiver['entries'][number]),
    )
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

/** As a receiver does it, by the text of Standard Webhooks. */
export function assertSigned({ headers, body }: Received, secret: string): void {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    String(headers[name]),
  )
  assert.ok(Math.abs(Date.now() / 1_000 - Number(timestamp)) < 300, 'sent now')
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  assert.ok(signatures?.split(' ').includes(`v1,${expected}`), 'signed')
}
