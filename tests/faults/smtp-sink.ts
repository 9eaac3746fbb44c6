import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** The least of a mail server (RFC 5321): takes every mail, keeps it, and says so. */
export class SmtpSink {
  readonly mails: string[] = []
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #beforeReceipt: (() => Promise<void>) | undefined

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  static async start(): Promise<SmtpSink> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const sink = new SmtpSink(server)
    server.on('connection', (socket) => sink.#talk(socket))
    return sink
  }

  /** Done once, after the next mail is taken and before its sender hears of it. */
  onNextMail(work: () => Promise<void>): void {
    this.#beforeReceipt = work
  }

  #talk(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.setEncoding('utf8').write('220 sink\r\n')
    let received = ''
    let inMail = false
    socket.on('data', (text: string) => {
      received += text
      for (;;) {
        const end = inMail ? received.indexOf('\r\n.\r\n') : received.indexOf('\r\n')
        if (end < 0) return
        const part = received.slice(0, end)
        received = received.slice(end + (inMail ? 5 : 2))
        if (inMail) void this.#take(part, socket)
        else socket.write(replyTo(part))
        inMail = !inMail && /^DATA/i.test(part)
      }
    })
  }

  async #take(mail: string, socket: Socket): Promise<void> {
    this.mails.push(mail)
    const work = this.#beforeReceipt
    this.#beforeReceipt = undefined
    await work?.()
    socket.write('250 taken\r\n')
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

function replyTo(command: string): string {
  if (/^DATA/i.test(command)) return '354 go on\r\n'
  return /^QUIT/i.test(command) ? '221 bye\r\n' : '250 fine\r\n'
}
