import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { demoPassword } from '../../platform/src/demo-people.ts'
import { createLog } from '../../platform/src/kernel/observe/log.ts'
import { TestInstallation } from '../installation.ts'

const owner = 'owner@acme.test'
let site: TestInstallation
before(async () => {
  site = await TestInstallation.start()
})
after(() => site.stop())

/** The line of one request, once it is written: that is after the reply. */
async function lineOf(requestId: string): Promise<Record<string, unknown>> {
  for (let tries = 0; tries < 100; tries++) {
    const line = site.log.lines.find(
      ({ message, fields }) => message === 'request' && fields['request_id'] === requestId,
    )
    if (line) return line.fields
    await wait(10)
  }
  throw new Error(`no line of request ${requestId}`)
}

test('a request is one line with request, trace, tenant, person, operation, status, duration and time of the database', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'x-request-id': 'from-the-proxy-1' }
  const reply = await site.request('GET', '/api/v1/projects?search=secret+words', {
    as: owner,
    tenant: 'acme',
    headers,
  })
  assert.equal(reply.headers.get('x-request-id'), 'from-the-proxy-1')
  const { tenant_id, user_id, duration_ms, db_ms, ...line } = await lineOf('from-the-proxy-1')
  const { id: userId } = await site.ask<{ id: string }>('GET', '/api/v1/me', { as: owner })
  const { id: tenantId } = await site.ask<{ id: string }>('GET', '/api/v1/tenant', { as: owner, tenant: 'acme' })
  assert.deepEqual([tenant_id, user_id], [tenantId, userId])
  assert.ok(typeof duration_ms === 'number' && duration_ms > 0)
  assert.ok(typeof db_ms === 'number' && db_ms > 0 && db_ms <= duration_ms)
  assert.deepEqual(line, {
    request_id: 'from-the-proxy-1',
    trace_id: traceId,
    operation: 'projects.list',
    method: 'GET',
    path: '/api/v1/projects',
    status: 200,
  })
})

test('the time that operations took from the database is known by tenant and operation', async () => {
  const { databaseTime } = site.installation
  const { id: tenantId } = await site.ask<{ id: string }>('GET', '/api/v1/tenant', { as: owner, tenant: 'acme' })
  const counted = () =>
    databaseTime.all().find((each) => each.tenantId === tenantId && each.operation === 'projects.list')
  const before = counted()
  for (let calls = 0; calls < 3; calls++) await site.ask('GET', '/api/v1/projects', { as: owner, tenant: 'acme' })
  const now = counted()
  assert.ok(now)
  assert.equal(now.calls, (before?.calls ?? 0) + 3)
  assert.ok(now.databaseMs > (before?.databaseMs ?? 0))
})

test('a request id that could break a log line is replaced', async () => {
  const reply = await site.request('GET', '/api/v1/me', { as: owner, headers: { 'x-request-id': 'x" "level":"error' } })
  assert.match(reply.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/)
})

test('no line says a password, a token, an address or what was searched for, not even before redaction', async () => {
  const { key } = await site.ask<{ key: string }>('POST', '/api/v1/keys', {
    as: owner,
    tenant: 'acme',
    body: { name: 'scanner', scopes: ['project:read'] },
  })
  await site.request('GET', '/api/v1/projects?search=hidden+words', { as: key })
  await site.request('POST', '/api/v1/sessions', { body: { email: owner, password: 'a wrong password here' } })
  await site.request('POST', '/api/v1/password-resets', { body: { email: owner } })
  const token = /token=([\w-]+)/.exec(await site.mailTo(owner, '/reset?'))?.[1] ?? ''
  assert.notEqual(token, '')
  await wait(50)
  const written = JSON.stringify(site.log.lines)
  for (const secret of [key, token, demoPassword, 'a wrong password here', owner, 'hidden words', 'hidden+words'])
    assert.equal(written.includes(secret), false, secret)
})

test('what is written is JSON by line; fields that are secret by name are not written, also inside of others and errors', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-log-'))
  const file = join(folder, 'tenantry.log')
  const log = createLog({ level: 'info', release: '1.2.3', file })
  const error = Object.assign(new Error('refused', { cause: new Error('the cause') }), { token: 'in the error' })
  log
    .child({ handler: 'mail.send', secret: 'in the child' })
    .error(
      { error, alert: true, request: { authorization: 'in a record', path: '/x' }, password: 'at the top' },
      'two\nlines',
    )
  await wait(10)
  log.flush()
  const text = await readFile(file, 'utf8')
  await rm(folder, { recursive: true, force: true })
  assert.equal(text.trimEnd().split('\n').length, 1)
  const line = JSON.parse(text) as {
    [field: string]: unknown
    timestamp: string
    error: { stack: string }
    request: { path: string }
  }
  assert.match(line.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert.deepEqual(
    [line['level'], line['release'], line['message'], line['handler'], line['alert']],
    ['error', '1.2.3', 'two\nlines', 'mail.send', true],
  )
  assert.match(line.error.stack, /refused[\s\S]+the cause/)
  assert.equal(line.request.path, '/x')
  for (const secret of ['in the error', 'in the child', 'in a record', 'at the top'])
    assert.equal(text.includes(secret), false, secret)
})
