import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { Outbound, OutboundRefused, type ResolvedAddress } from './outbound.ts'

/** Whatever a customer types, the platform calls nobody but the open internet in its name. */

const closing: (() => void)[] = []
after(() => closing.forEach((close) => close()))

/** A server on this machine, which counts who comes. */
async function receiver(answer: RequestListener): Promise<{ port: number; calls: () => number }> {
  let calls = 0
  const server = createServer((request, reply) => {
    calls++
    answer(request, reply)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, calls: () => calls }
}

const asking = { headers: { 'content-type': 'text/plain' }, body: 'x', timeoutMs: 500 }
const strict = (...answers: string[]) =>
  new Outbound({
    loopback: false,
    resolve: async () =>
      answers.map((address): ResolvedAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
  })

describe('an address is refused that is', () => {
  const refused: Record<string, readonly string[]> = {
    'this machine, however it is written': [
      'https://127.0.0.1/',
      'https://127.1/',
      'https://2130706433/',
      'https://0x7f000001/',
      'https://0177.0.0.1/',
      'https://0x7f.1/',
      'https://127.0.0.1./',
      'https://[::1]/',
      'https://[0:0:0:0:0:0:0:1]/',
      'https://0.0.0.0/',
      'https://[::]/',
      'https://１２７.0.0.1/',
    ],
    'an IPv4 address inside an IPv6 one': [
      'https://[::ffff:127.0.0.1]/',
      'https://[::ffff:7f00:1]/',
      'https://[::127.0.0.1]/',
      'https://[64:ff9b::7f00:1]/',
      'https://[64:ff9b::169.254.169.254]/',
      'https://[64:ff9b:1::1]/',
      'https://[2002:7f00:1::]/',
      'https://[2001:0:7f00:1::]/',
      'https://[::ffff:0:127.0.0.1]/',
    ],
    'of a network of somebody’s own, or of a cloud’s metadata': [
      'https://10.0.0.1/',
      'https://172.16.0.1/',
      'https://172.31.255.255/',
      'https://192.168.1.1/',
      'https://169.254.169.254/latest/meta-data/',
      'https://100.64.0.1/',
      'https://[fd00:ec2::254]/',
      'https://[fe80::1]/',
      'https://[fc00::1]/',
      'https://[fec0::1]/',
    ],
    'nobody’s, or everybody’s': [
      'https://224.0.0.1/',
      'https://255.255.255.255/',
      'https://192.0.2.1/',
      'https://198.18.0.1/',
      'https://[2001:db8::1]/',
      'https://[ff02::1]/',
    ],
    'not https, on another port, or with a password': [
      'http://collector.example.com/',
      'ftp://collector.example.com/',
      'file:///etc/passwd',
      'gopher://collector.example.com/',
      'javascript:alert(1)',
      'https://collector.example.com:22/',
      'https://collector.example.com:5432/',
      'https://user:password@collector.example.com/',
      'https://collector.example.com@127.0.0.1/',
      'collector.example.com',
      'https://',
      '//collector.example.com/',
      '',
    ],
  }
  for (const [what, addresses] of Object.entries(refused)) {
    test(what, () => {
      for (const address of addresses) assert.throws(() => strict().check(address), OutboundRefused, address)
    })
  }

  test('a name that leads to one of these, also beside an address of the internet', async () => {
    const inside = ['127.0.0.1', '10.1.2.3', '169.254.169.254', '::1', '::ffff:10.0.0.1', '64:ff9b::a00:1', 'fd00::1']
    for (const address of inside) {
      await assert.rejects(strict(address).post('https://collector.example.com/', asking), OutboundRefused, address)
      await assert.rejects(
        strict('93.184.215.14', address).post('https://collector.example.com/', asking),
        OutboundRefused,
      )
    }
    await assert.rejects(strict().post('https://collector.example.com/', asking), OutboundRefused)
  })

  test('this machine by its name, and another one where loopback is allowed', async () => {
    await assert.rejects(new Outbound({ loopback: false }).post('https://localhost/', asking), OutboundRefused)
    const lenient = new Outbound({ loopback: true })
    assert.throws(() => lenient.check('http://10.0.0.1/'), OutboundRefused)
    assert.throws(() => lenient.check('http://localhost/'), OutboundRefused)
    assert.throws(() => lenient.check('https://169.254.169.254/'), OutboundRefused)
  })
})

test('addresses of the internet are allowed: by name, by number, on the ports of collectors', () => {
  const allowed = [
    'https://collector.example.com/',
    'https://collector.example.com:443/in?token=x',
    'https://collector.example.com:8088/services/collector',
    'https://8.8.8.8/',
    'https://172.32.0.1/',
    'https://[2606:4700::1111]/',
  ]
  for (const address of allowed) assert.equal(strict().check(address).href, new URL(address).href)
})

describe('a call', () => {
  test('goes to the address that was checked, also when the name answers differently a moment later', async () => {
    const answers = ['127.0.0.2', '127.0.0.3']
    let asked = 0
    const rebinding = new Outbound({
      loopback: true,
      resolve: async () => [{ address: answers[asked++] ?? '127.0.0.3', family: 4 }],
    })
    // Nobody listens there: the error says who was called.
    const refusal = { code: 'ECONNREFUSED', address: '127.0.0.2' }
    await assert.rejects(rebinding.post('https://rebinding.example.com:8443/', asking), refusal)
    assert.equal(asked, 1)
  })

  test('follows no redirect, and says where it was answered', async () => {
    const inside = await receiver((_, reply) => void reply.end('secret'))
    const { port } = await receiver(
      (_, reply) => void reply.writeHead(307, { location: `http://127.0.0.1:${inside.port}/` }).end(),
    )
    const reply = await new Outbound({ loopback: true }).post(`http://127.0.0.1:${port}/`, asking)
    assert.deepEqual([reply.status, inside.calls()], [307, 0])
  })

  test('ends at its deadline: with nobody who answers, and with somebody who drips', async () => {
    const silent = await receiver(() => {})
    const dripping = await receiver((_, reply) => {
      reply.writeHead(200)
      const timer = setInterval(() => reply.write('.'), 20)
      reply.on('close', () => clearInterval(timer))
    })
    const slow = new Outbound({ loopback: false, resolve: () => new Promise(() => {}) })
    for (const post of [
      () => new Outbound({ loopback: true }).post(`http://127.0.0.1:${silent.port}/`, { ...asking, timeoutMs: 200 }),
      () => new Outbound({ loopback: true }).post(`http://127.0.0.1:${dripping.port}/`, { ...asking, timeoutMs: 200 }),
      () => slow.post('https://collector.example.com/', { ...asking, timeoutMs: 200 }),
    ]) {
      const beganAtMs = performance.now()
      await assert.rejects(post)
      assert.ok(performance.now() - beganAtMs < 1_000)
    }
  })

  test('reads the beginning of a reply that does not end, and when to come again', async () => {
    const { port } = await receiver((_, reply) => {
      reply.writeHead(503, { 'retry-after': '120' })
      const more = () => {
        while (!reply.destroyed && reply.write('x'.repeat(65_536)));
        if (!reply.destroyed) reply.once('drain', more)
      }
      more()
    })
    const reply = await new Outbound({ loopback: true }).post(`http://127.0.0.1:${port}/`, {
      ...asking,
      timeoutMs: 5_000,
    })
    assert.deepEqual([reply.status, reply.retryAfterSeconds, reply.excerpt.length], [503, 120, 1_000])
  })
})
