import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Log } from '#kernel/observe/log'
import { type BreachedPasswords, commonPasswords } from '#modules/identity'
import { RangeApi } from './range-api.ts'

/** What every source of leaked passwords does, and what the range API does beside it. */

const leaked = 'qwerty123456'
const fresh = 'plum tractor sings quietly'
const digestOf = (password: string) => createHash('sha1').update(password).digest('hex').toUpperCase()

let answer = (_: IncomingMessage, reply: ServerResponse) => void reply.end(rangeOf(leaked))
const asked: IncomingMessage[] = []
const server = createServer((request, reply) => {
  asked.push(request)
  answer(request, reply)
})
const warnings: string[] = []
const log: Log = {
  info() {},
  warn: (_, message) => void warnings.push(message),
  error() {},
  child: () => log,
}
let api: BreachedPasswords
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  api = new RangeApi({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, log, timeoutMs: 300 })
})
after(() => {
  server.closeAllConnections()
  server.close()
})

/** As the server answers, with a line of padding for the fresh one. */
function rangeOf(password: string): string {
  return `${digestOf(fresh).slice(5)}:0\r\n0018A45C4D1DEF81644B54AB7F969B88D65:3\r\n${digestOf(password).slice(5)}:21\r\n`
}

const sources = { 'the list that comes with the platform': () => commonPasswords, 'the range API': () => api }
for (const [name, source] of Object.entries(sources)) {
  test(`${name} knows a leaked password, and no fresh one`, async () => {
    assert.equal(await source().includes(leaked), true)
    assert.equal(await source().includes(fresh), false)
    assert.equal(await source().includes(''), false)
  })
}

test('five digits of the SHA-1 leave the process, and the reply is asked for with padding', async () => {
  await api.includes(leaked)
  const { url, headers } = asked.at(-1) as IncomingMessage
  assert.equal(url, `/range/${digestOf(leaked).slice(0, 5)}`)
  assert.equal(headers['add-padding'], 'true')
})

test('a server that is late, broken, elsewhere or endless lets a password pass, and the log says so', async () => {
  const ways: Record<string, typeof answer> = {
    late: () => {},
    broken: (_, reply) => void reply.writeHead(503).end(),
    elsewhere: (_, reply) => void reply.writeHead(302, { location: '/range/elsewhere' }).end(),
    endless: (_, reply) => {
      const more = () => void (reply.destroyed || reply.write('A'.repeat(65_536), () => setImmediate(more)))
      more()
    },
  }
  for (const [way, does] of Object.entries(ways)) {
    answer = does
    warnings.length = 0
    const beganAtMs = performance.now()
    assert.equal(await api.includes(leaked), false, way)
    assert.equal(warnings.length, 1, way)
    assert.ok(performance.now() - beganAtMs < 2_000, way)
  }
})
