import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { patientFetch } from '../../platform/src/client/retry.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { atlas as clientOf, eachItem, ifMatch, isProblem, ProblemError } from '../../product/client/client.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'

/** The client over a line that fails: what it repeats, what it does not, and that nothing happens twice. */

/** What a request meets on its way; `lost` is carried out and its answer lost. */
type Fault = 'lost' | { readonly status: number; readonly headers?: Record<string, string>; readonly code?: string }

let atlas: TestInstallation
let api: ReturnType<typeof clientOf>
/** A line to the installation, on which each request meets the next of these, and gets through once none is left. */
let faults: Fault[] = []
let tries: { method: string | undefined; key: string | undefined }[] = []
const line = createServer((request, response) => void carry(request, response))
before(async () => {
  atlas = await TestInstallation.start()
  const { key } = await atlas.ask<{ key: string }>('POST', '/api/v1/keys', {
    as: 'owner@acme.test',
    tenant: 'acme',
    body: { name: 'A program', scopes: ['project:read', 'project:create', 'project:update'] },
  })
  await new Promise<void>((resolve) => void line.listen(0, '127.0.0.1', resolve))
  const { port } = line.address() as AddressInfo
  api = clientOf({ baseUrl: `http://127.0.0.1:${port}`, key })
})
beforeEach(() => {
  faults = []
  tries = []
})
after(async () => {
  line.closeAllConnections()
  line.close()
  await atlas.stop()
})

async function carry(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url, headers } = request
  tries.push({ method, key: headers['idempotency-key']?.toString() })
  const fault = faults.shift()
  if (typeof fault === 'object') {
    const body = JSON.stringify({ code: fault.code ?? 'http.fault', requestId: 'of-the-line', status: fault.status })
    response.writeHead(fault.status, { ...fault.headers, 'content-type': 'application/problem+json' }).end(body)
    return
  }
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const passed = Object.entries(headers).filter(([name]) => /^(authorization|content-type|if-|idempotency)/.test(name))
  const answer = await fetch(`${atlas.url}${url}`, {
    method: method ?? 'GET',
    headers: Object.fromEntries(passed.map(([name, value]) => [name, String(value)])),
    ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
  })
  const body = await answer.text()
  if (fault === 'lost') request.socket.destroy()
  else response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(body)
}

const statusesOf = async (asked: Promise<unknown>) =>
  asked.then(
    () => 'answered',
    (error: unknown) => (error instanceof ProblemError ? error.problem.status : String(error)),
  )
const read = () => api.GET('/api/v1/projects', {})

describe('a request that failed for a passing reason', () => {
  test('is repeated with the same key, so that what was carried out is not done again', async () => {
    const name = `Sent once ${newId()}`
    faults = ['lost', { status: 503 }, 'lost']
    const { data, response } = await api.POST('/api/v1/projects', { body: { name } })
    assert.equal(data?.name, name)
    assert.equal(response.headers.get('idempotency-replayed'), 'true')
    assert.equal(tries.length, 4)
    assert.equal(new Set(tries.map(({ key }) => key)).size, 1)
    const rows = await rowsOf(atlas.databases.cellUrl, 'select id from pool.projects where name = $1', [name])
    assert.equal(rows.length, 1)
  })

  test('is repeated after a lost connection, 502, 503, 504, and a 429 that says when', async () => {
    for (const fault of [
      'lost',
      { status: 502 },
      { status: 503 },
      { status: 504 },
      { status: 429, headers: { 'retry-after': '0' } },
      { status: 409, code: 'request.in_flight' },
    ] as const) {
      faults = [fault]
      assert.equal(await statusesOf(read()), 'answered', JSON.stringify(fault))
    }
    assert.equal(tries.length, 12)
  })

  test('is not repeated after what will not pass by itself', async () => {
    for (const fault of [
      { status: 400 },
      { status: 404 },
      { status: 409, code: 'request.conflict' },
      { status: 429 },
      { status: 500 },
      { status: 503, headers: { 'retry-after': '21' } },
    ]) {
      faults = [fault]
      assert.equal(await statusesOf(read()), fault.status)
    }
    assert.equal(tries.length, 6)
  })

  test('is given up after four tries', async () => {
    faults = Array.from({ length: 9 }, () => ({ status: 503, headers: { 'retry-after': '0' } }))
    assert.equal(await statusesOf(read()), 503)
    assert.equal(tries.length, 4)
  })

  test('waits as long as Retry-After says, and no longer once it is aborted', async () => {
    faults = [{ status: 503, headers: { 'retry-after': '1' } }]
    const beganAtMs = performance.now()
    await read()
    const waitedMs = performance.now() - beganAtMs
    assert.ok(waitedMs >= 1_000 && waitedMs < 2_500, `${waitedMs} ms`)
    faults = [{ status: 503, headers: { 'retry-after': '15' } }]
    const aborted = api.GET('/api/v1/projects', { signal: AbortSignal.timeout(100) })
    assert.match(String(await statusesOf(aborted)), /TimeoutError/)
    assert.ok(performance.now() - beganAtMs < 5_000)
  })

  test('is not repeated when it changes something and has no key', async () => {
    const keyless = (headers: Record<string, string>) => {
      faults = [{ status: 503 }]
      const request = new Request(`http://127.0.0.1:${(line.address() as AddressInfo).port}/`, {
        method: 'POST',
        headers,
      })
      return patientFetch(fetch, { triesMax: 4, waitMaxMs: 1_000 })(request)
    }
    assert.equal((await keyless({})).status, 503)
    assert.equal(tries.length, 1)
    await keyless({ 'idempotency-key': newId() })
    assert.equal(tries.length, 3)
  })
})

describe('the client', () => {
  test('goes through all pages of a list, each record once, and asks for no page that nobody wants', async () => {
    for (let number = 1; number <= 5; number++) await api.POST('/api/v1/projects', { body: { name: `Page ${number}` } })
    const query = { limit: 2, sort: 'name', search: 'Page ' } as const
    const all = () => eachItem((after) => api.GET('/api/v1/projects', { params: { query: { ...query, ...after } } }))
    tries = []
    const names: string[] = []
    for await (const { name } of all()) names.push(name)
    assert.deepEqual([names, tries.length], [[1, 2, 3, 4, 5].map((number) => `Page ${number}`), 3])
    for await (const { name } of all()) if (name === 'Page 2') break
    assert.equal(tries.length, 4)
  })

  test('tells failures apart by their code, with the id that finds them in the log', async () => {
    const id = newId()
    const failed: unknown = await api.GET('/api/v1/projects/{id}', { params: { path: { id } } }).catch((error) => error)
    assert.ok(isProblem(failed, 'resource.not_found', 'request.conflict'))
    assert.ok(!isProblem(failed, 'request.conflict'))
    assert.ok(isProblem(failed) && !isProblem(new Error('Another')))
    const { requestId } = failed.problem
    assert.ok(atlas.log.lines.some(({ fields }) => fields['request_id'] === requestId))
  })

  test('changes a record only as it was read, when it is told so', async () => {
    const { data: project } = await api.POST('/api/v1/projects', { body: { name: 'As it was' } })
    assert.ok(project)
    const params = { path: { id: project.id } }
    const change = (name: string) =>
      api.PATCH('/api/v1/projects/{id}', { params, headers: ifMatch(project), body: { name } })
    assert.equal((await change('Changed')).data?.name, 'Changed')
    assert.equal(await statusesOf(change('Changed again')), 412)
  })
})
