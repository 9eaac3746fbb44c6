import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/**
 * Stands between the platform and PostgreSQL, and fails as networks do. What goes wrong is decided by the bytes that pass,
 * so a test can stop the world between a commit and its reply without any switch in the platform.
 */
export class TcpProxy {
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #silentAfter: string | undefined
  #having: readonly string[] = ['']
  #delayMs = 0

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const server = createServer({ pauseOnConnect: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const proxy = new TcpProxy(server)
    server.on('connection', (client) => proxy.#join(client, connect(targetPort, '127.0.0.1')))
    return proxy
  }

  /**
   * From now on a connection whose client has sent this text gets no more replies; '' silences all. `having`: only where it
   * has sent one of these before, so that other work of the server goes on.
   */
  silenceAfter(text: string, having: readonly string[] = ['']): void {
    this.#silentAfter = text
    this.#having = having
  }

  /** From now on every reply comes that much later, as from a server that is slow or far away. */
  delay(delayMs: number): void {
    this.#delayMs = delayMs
  }

  /** Replies pass again, at once, on new connections. Those that were silenced are lost. */
  heal(): void {
    this.#silentAfter = undefined
    this.#delayMs = 0
  }

  #join(client: Socket, target: Socket): void {
    let silent = false
    let isConcerned = false
    let passing = Promise.resolve()
    const isMarked = (bytes: Buffer) => this.#silentAfter !== undefined && bytes.includes(this.#silentAfter)
    client.on('data', (bytes) => {
      isConcerned ||= this.#having.some((text) => bytes.includes(text))
      silent ||= isConcerned && isMarked(bytes)
      target.write(bytes)
    })
    target.on('data', (bytes) => {
      silent ||= this.#silentAfter === ''
      if (silent) return
      passing = inTurn(passing, this.#delayMs, () => client.write(bytes))
    })
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    client.resume()
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** Writes after the delay, and after whatever came before: nothing overtakes what is still delayed. */
async function inTurn(before: Promise<void>, delayMs: number, write: () => void): Promise<void> {
  const dueAtMs = performance.now() + delayMs
  await before
  const leftMs = dueAtMs - performance.now()
  if (leftMs > 0) await wait(leftMs)
  write()
}
