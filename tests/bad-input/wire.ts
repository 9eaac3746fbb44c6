import { connect } from 'node:net'

/** A reply as it came over the wire. */
export interface WireReply {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

const replyWithinMs = 5_000

/**
 * Sends bytes that no HTTP client would send, and reads the replies: as many as expected, or until the server hangs up.
 * Throws when it does neither in time.
 */
export function exchange(port: number, sent: string | Buffer, expected = 1): Promise<WireReply[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let received = Buffer.alloc(0)
    const done = () => {
      clearTimeout(giveUp)
      socket.destroy()
      resolve(repliesIn(received))
    }
    const giveUp = setTimeout(() => {
      socket.destroy()
      reject(new Error(`neither a whole reply nor an end within ${replyWithinMs} ms: ${received.toString()}`))
    }, replyWithinMs)
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (repliesIn(received).length >= expected) done()
    })
    // A reset while we still send is the server's way to refuse the rest; what it said before has arrived.
    socket.on('error', () => {})
    socket.on('close', done)
    socket.write(sent)
  })
}

/** Every whole reply; bodies are as long as Content-Length says, interim replies (1xx) have none and are left out. */
function repliesIn(received: Buffer): WireReply[] {
  const replies: WireReply[] = []
  let rest = received
  for (;;) {
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) return replies
    const [first = '', ...lines] = rest.subarray(0, end).toString().split('\r\n')
    const headers = new Map(lines.map((line) => line.split(/:\s*/, 2) as [string, string]).map(lowerCased))
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1])
    const length = Number(headers.get('content-length') ?? 0)
    const body = rest.subarray(end + 4, end + 4 + length)
    if (!status || body.length < length) return replies
    if (status >= 200) replies.push({ status, headers, body: body.toString() })
    rest = rest.subarray(end + 4 + length)
  }
}

function lowerCased([name, value]: [string, string]): [string, string] {
  return [name.toLowerCase(), value]
}
