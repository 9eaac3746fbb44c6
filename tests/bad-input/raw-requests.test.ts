import assert from 'node:assert/strict'
import { type AddressInfo, connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { createServer } from '../../platform/src/kernel/surfaces/server.ts'
import { LogLines, TestInstallation } from '../installation.ts'
import { Replies } from './replies.ts'
import { exchange, type WireReply } from './wire.ts'

/** What no HTTP client would send, straight into the socket. */

let atlas: TestInstallation
let port: number
let key: string
const replies = new Replies()
before(async () => {
  atlas = await TestInstallation.start()
  port = Number(new URL(atlas.url).port)
  key = (
    await atlas.ask<{ key: string }>('POST', '/api/v1/keys', {
      as: 'owner@acme.test',
      tenant: 'acme',
      body: { name: 'A key', scopes: ['project:read', 'project:create', 'project:update'] },
    })
  ).key
})
after(() => atlas.stop())

const host = 'Host: 127.0.0.1\r\n'
const json = 'Content-Type: application/json\r\n'

/** A request with a line of its own, and headers after the host's. */
const withLine = (line: string, headers = '') => `${line}\r\n${host}${headers}\r\n`
const get = (path: string, headers = '') => withLine(`GET ${path} HTTP/1.1`, headers)

/** A request to create a project, by a key that may. */
const create = (headers: string, body: string) =>
  `POST /api/v1/projects HTTP/1.1\r\n${host}Authorization: Bearer ${key}\r\n${headers}\r\n${body}`

const signedIn = (path: string, headers = '') => get(path, `Authorization: Bearer ${key}\r\n${headers}`)

/** Sends each request on a connection of its own, and expects the problem with that code. */
async function assertProblems(requests: Record<string, string | Buffer>, status: number, code: string): Promise<void> {
  for (const [name, request] of Object.entries(requests)) {
    const [reply, ...more] = await exchange(port, request)
    assert.ok(reply && more.length === 0, `${name}: ${more.length} more`)
    check(reply, name)
    assert.deepEqual([reply.status, problemOf(reply).code], [status, code], name)
  }
}

function check({ status, headers, body }: WireReply, name: string): void {
  replies.check({ status, headers: new Headers([...headers]), body: status < 400 ? body : JSON.parse(body) }, name)
}

function problemOf({ body }: WireReply): { code: string } {
  return JSON.parse(body) as { code: string }
}

describe('a request that is not HTTP as it should be is answered with a problem', () => {
  test('when its first line cannot be read', () =>
    assertProblems(
      {
        'a method nobody knows': withLine('FOO /api/v1/projects HTTP/1.1'),
        'a method in lower case': withLine('get /api/v1/projects HTTP/1.1'),
        'no method': withLine('/api/v1/projects HTTP/1.1'),
        'a method of a proxy': 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n',
        'a version that is not spoken': withLine('GET / HTTP/3.0'),
        'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
        'HTTP/0.9': 'GET /\r\n\r\n',
        'the greeting of TLS': Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 0]),
        'bytes of no meaning': Buffer.from([0, 1, 2, 0xff, 0xfe, 10, 13, 10]),
        'a NUL in the path': withLine('GET /api/\0v1 HTTP/1.1'),
        'a byte above 127 in the path': Buffer.from(withLine('GET /api/\u00ff HTTP/1.1'), 'latin1'),
        'blanks around the path': withLine('GET  /api/v1/projects  HTTP/1.1 '),
        'lines that end without carriage return': 'GET /livez HTTP/1.1\nHost: 127.0.0.1\n\n',
      },
      400,
      'request.malformed',
    ))

  test('when a header cannot be read, or contradicts itself', () =>
    assertProblems(
      {
        'a folded line': get('/livez', 'X-A: a\r\n b\r\n'),
        'a blank before the colon': get('/livez', 'X-A : a\r\n'),
        'no colon': get('/livez', 'X-A\r\n'),
        'no name': get('/livez', ': a\r\n'),
        'a NUL': get('/livez', 'X-A: a\0b\r\n'),
        'a bare carriage return': get('/livez', 'X-A: a\rX-B: b\r\n'),
        'no host': 'GET /livez HTTP/1.1\r\n\r\n',
        'two hosts': get('/livez', 'Host: evil.example\r\n'),
        'a host with a path': 'GET /livez HTTP/1.1\r\nHost: a/b?c\r\n\r\n',
        'a host with a name and password': 'GET /livez HTTP/1.1\r\nHost: user:secret@a\r\n\r\n',
      },
      400,
      'request.malformed',
    ))

  test('when the address cannot be decoded', () =>
    assertProblems(
      {
        'a single percent sign': signedIn('/api/v1/projects/%'),
        'letters that are no digits': signedIn('/api/v1/projects/%zz'),
        'half of a character': signedIn('/api/v1/projects/%ED%A0%80'),
        'an overlong slash': signedIn('/api/v1/projects/%c0%af'),
      },
      400,
      'request.malformed',
    ))

  test('when the length of the body is unclear', () =>
    assertProblems(
      {
        'a length and chunks': create(`${json}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n`, '0\r\n\r\n'),
        'two lengths': create(`${json}Content-Length: 2\r\nContent-Length: 3\r\n`, '{}'),
        'the same length twice': create(`${json}Content-Length: 2\r\nContent-Length: 2\r\n`, '{}'),
        'a negative length': create(`${json}Content-Length: -1\r\n`, '{}'),
        'a hexadecimal length': create(`${json}Content-Length: 0x10\r\n`, '{}'),
        'a length beyond all bounds': create(`${json}Content-Length: ${'9'.repeat(40)}\r\n`, '{}'),
        'a length with a sign': create(`${json}Content-Length: +2\r\n`, '{}'),
        'a chunk of no size': create(`${json}Transfer-Encoding: chunked\r\n`, 'zz\r\n{}\r\n0\r\n\r\n'),
        'a chunk beyond all bounds': create(`${json}Transfer-Encoding: chunked\r\n`, `${'f'.repeat(20)}\r\n{}`),
        'a transfer coding that is last and not chunked': create(`${json}Transfer-Encoding: gzip\r\n`, 'xx'),
        'fewer bytes announced than sent': create(`${json}Content-Length: 5\r\n`, '{"name":"x"}'),
      },
      400,
      'request.malformed',
    ))

  test('when the body is not UTF-8', () =>
    assertProblems(
      {
        'an overlong slash': Buffer.from(create(`${json}Content-Length: 13\r\n`, '{"name":"\u00c0\u00af"}'), 'latin1'),
        'half of a character': Buffer.from(
          create(`${json}Content-Length: 14\r\n`, '{"name":"\u00ed\u00a0\u0080"}'),
          'latin1',
        ),
        'UTF-16': Buffer.concat([
          Buffer.from(create(`${json}Content-Length: 24\r\n`, '')),
          Buffer.from('{"name":"x"}', 'utf16le'),
        ]),
      },
      400,
      'request.malformed',
    ))

  test('when headers are too large', () =>
    assertProblems(
      {
        'one of 70 KB': get('/livez', `X-A: ${'a'.repeat(70_000)}\r\n`),
        'thousands of them': get('/livez', 'a: b\r\n'.repeat(5_000)),
        'an address of 70 KB': get(`/${'a'.repeat(70_000)}`),
      },
      431,
      'request.headers_too_large',
    ))

  test('when the address is too long', () =>
    assertProblems(
      {
        '9,000 characters': get(`/${'a'.repeat(9_000)}`),
        'a parameter of 9,000 characters': signedIn(`/api/v1/projects?search=${'a'.repeat(9_000)}`),
        'a part of 300 characters': signedIn(`/api/v1/projects/${'a'.repeat(300)}`),
      },
      414,
      'request.address_too_long',
    ))

  test('when the body is too large, without reading it', () =>
    assertProblems(
      {
        '100 GB announced': create(`${json}Content-Length: 100000000000\r\n`, '{}'),
        '2 MB in chunks': create(
          `${json}Transfer-Encoding: chunked\r\n`,
          `200000\r\n${'a'.repeat(0x200000)}\r\n0\r\n\r\n`,
        ),
      },
      413,
      'request.too_large',
    ))

  test('when the body is of another kind', () =>
    assertProblems(
      {
        'no kind': create('Content-Length: 2\r\n', '{}'),
        'plain text': create('Content-Type: text/plain\r\nContent-Length: 2\r\n', '{}'),
        XML: create('Content-Type: application/xml\r\nContent-Length: 4\r\n', '<a/>'),
        'a form': create('Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 6\r\n', 'name=x'),
        'a form of files': create('Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 2\r\n', '{}'),
        'no kind that is one': create('Content-Type: ;;;\r\nContent-Length: 2\r\n', '{}'),
        'two kinds': create(`${json}Content-Type: text/plain\r\nContent-Length: 2\r\n`, '{}'),
        compressed: create(`${json}Content-Encoding: gzip\r\nContent-Length: 2\r\n`, '{}'),
      },
      415,
      'request.unsupported_media',
    ))

  test('when nothing is at the address, or the method is not for it', async () => {
    const nowhere = {
      'two slashes': get('//'),
      'the whole server': withLine('OPTIONS * HTTP/1.1'),
      'upwards out of the API': signedIn('/api/v1/projects/../../../etc/passwd'),
      'another host behind a slash': get('//evil.example/'),
    }
    await assertProblems(nowhere, 404, 'request.unknown_route')
    const methods = ['PUT', 'OPTIONS', 'TRACE', 'PROPFIND', 'PURGE']
    const wrong = methods.map((method) => [method, withLine(`${method} /api/v1/projects HTTP/1.1`)])
    await assertProblems(Object.fromEntries(wrong), 405, 'request.method_not_allowed')
  })
})

describe('a header that must be one', () => {
  test('is refused when it comes twice: nobody can say which one was meant', async () => {
    const twice = (header: string) => ({ [header]: signedIn('/api/v1/projects', header) })
    await assertProblems(twice('Authorization: Bearer x\r\n'), 401, 'request.unauthenticated')
    await assertProblems(twice('Tenant: acme\r\nTenant: globex\r\n'), 404, 'tenant.not_found')
    const stale = 'If-Match: "1"\r\nIf-Match: "2"\r\n'
    const { id } = await atlas.ask<{ id: string }>('POST', '/api/v1/projects', { as: key, body: { name: 'Versioned' } })
    const change = `PATCH /api/v1/projects/${id} HTTP/1.1\r\n${host}Authorization: Bearer ${key}\r\n${stale}${json}`
    await assertProblems({ [stale]: `${change}Content-Length: 2\r\n\r\n{}` }, 412, 'request.precondition_failed')
  })

  test('does not let a repeated parameter, or the name of a prototype, through as a text', () =>
    assertProblems(
      {
        'a parameter twice': signedIn('/api/v1/projects?search=a&search=b'),
        'a parameter as a list': signedIn('/api/v1/projects?search[]=a'),
        'a parameter as an object': signedIn('/api/v1/projects?search[a]=b'),
        'the name of a prototype': signedIn('/api/v1/projects?__proto__=a&constructor=b'),
        'fields of a prototype': signedIn('/api/v1/projects?fields=id,constructor'),
        'fields twice': signedIn('/api/v1/projects?fields=id&fields=name'),
        'an encoded path upwards as an id': signedIn('/api/v1/projects/..%2f..%2fetc%2fpasswd'),
        'a NUL as an id': signedIn('/api/v1/projects/%00'),
      },
      400,
      'request.invalid',
    ))

  test('is ignored where a standard says so', async () => {
    const body = '{"name":"With an expectation"}'
    const headers = `${json}Expect: a miracle\r\nContent-Length: ${body.length}\r\n`
    const [created] = await exchange(port, create(headers, body))
    assert.equal(created?.status, 201)
    const [listed] = await exchange(port, signedIn('/api/v1/projects', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'))
    assert.equal(listed?.status, 200)
  })
})

describe('a connection', () => {
  test('carries several requests sent at once, answered in order; one that cannot be read ends it', async () => {
    const codes = async (sent: string, expected: number) =>
      (await exchange(port, sent, expected)).map(({ status }) => status)
    const good = signedIn('/api/v1/projects?limit=1')
    assert.deepEqual(await codes(good + get('/nowhere') + good + get('/livez'), 4), [200, 404, 200, 200])
    const ended = await exchange(port, `${get('/livez')}FOO\r\n\r\n${get('/livez')}`, 3)
    assert.deepEqual(
      ended.map(({ status }) => status),
      [200, 400],
    )
    assert.equal(ended.at(-1)?.headers.get('connection'), 'close')
  })

  test('that is cut in the middle of a request, or before the reply, is no defect and no alarm', async () => {
    const whole = `POST /api/v1/sessions HTTP/1.1\r\n${host}${json}Content-Length: 56\r\n\r\n{"email":"owner@acme.test","password":"demo-password-1"}  `
    for (const sent of [whole.slice(0, 10), whole.slice(0, -20), whole, create(json, ''), 'G', '']) {
      for (const patienceMs of [0, 1, 5, 20]) {
        const socket = connect(port, '127.0.0.1')
        socket.on('error', () => {})
        socket.write(sent)
        await wait(patienceMs)
        socket.resetAndDestroy()
      }
    }
    await wait(300)
    assertNoErrors()
  })

  test('is one of many: five hundred that send garbage at once leave it serving', async () => {
    const garbage = Buffer.from('\u0000\u00ff GET / HTTP/1.1\r\n\r\n'.repeat(20), 'latin1')
    const statuses = await Promise.all(
      Array.from({ length: 500 }, async () => (await exchange(port, garbage))[0]?.status),
    )
    assert.deepEqual([...new Set(statuses)], [400])
    assert.equal((await exchange(port, get('/readyz')))[0]?.status, 200)
  })

  test('that sends nothing, half a head or half a body is closed in time, with 408', async (t) => {
    const server = createServer({ log: new LogLines(), publicUrl: 'http://127.0.0.1', trustedProxies: undefined })
    server.post('/anything', async () => ({ done: true }))
    await server.listen({ host: '127.0.0.1', port: 0 })
    t.after(() => server.close())
    // Ten and thirty seconds are what is served; the test cannot wait that long.
    assert.deepEqual([server.server.headersTimeout, server.server.requestTimeout], [10_000, 30_000])
    Object.assign(server.server, { headersTimeout: 300, requestTimeout: 600 })
    const { port: testPort } = server.server.address() as AddressInfo
    const half = `POST /anything HTTP/1.1\r\n${host}${json}Content-Length: 20\r\n\r\n{"name":`
    const timedOut = ['', 'POST /anything HT', half].map(async (sent) => {
      const [reply] = await exchange(testPort, sent)
      assert.ok(reply, `no reply to ${JSON.stringify(sent)}`)
      assert.deepEqual([reply.status, problemOf(reply).code], [408, 'request.timeout'], sent)
    })
    await Promise.all(timedOut)
  })
})

test('every code that was answered has a page, nothing was a defect, and it still serves', async () => {
  await replies.assertPages(atlas)
  assertNoErrors()
  assert.equal((await exchange(port, signedIn('/api/v1/projects')))[0]?.status, 200)
})

function assertNoErrors(): void {
  const errors = atlas.log.lines.filter(({ level }) => level !== 'info')
  assert.deepEqual(
    errors.map(({ message, fields }) => `${message}: ${String(fields['error'])}`),
    [],
  )
}
