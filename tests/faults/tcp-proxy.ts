import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/**
 * Stands between the platform and PostgreSQL, and fails as networks do. What goes wrong is decided by the bytes that pass,
 * so a test can stop the world between a commit and its reply without any switch in the platform.
 */
export class TcpProxy {
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #silentAfter: string | undefined

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

  /** From now on a connection whose client has sent this text gets no more replies; '' silences all. */
  silenceAfter(text: string): void {
    this.#silentAfter = text
  }

  /** Replies pass again, on new connections. Those that were silenced are lost. */
  heal(): void {
    this.#silentAfter = undefined
  }

  #join(client: Socket, target: Socket): void {
    let silent = false
    const isMarked = (bytes: Buffer) => this.#silentAfter !== undefined && bytes.includes(this.#silentAfter)
    client.on('data', (bytes) => {
      silent ||= isMarked(bytes)
      target.write(bytes)
    })
    target.on('data', (bytes) => {
      silent ||= this.#silentAfter === ''
      if (!silent) client.write(bytes)
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
