import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { demoPassword } from '../../platform/src/demo-people.ts'
import { Installation } from '../../platform/src/installation.ts'
import { sql } from '../../platform/src/kernel/database/statement.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { module } from '../../platform/src/kernel/module.ts'
import { event, type Operation, operation } from '../../platform/src/kernel/operation.ts'
import { id, line, z } from '../../platform/src/kernel/schema.ts'
import { BetterAuthProvider } from '../../platform/src/modules/identity/better-auth.ts'
import { PasswordHashing } from '../../platform/src/modules/identity/password-hashing.ts'
import { serve } from '../../platform/src/serve.ts'
import product from '../../product/app.ts'
import { rowsOf } from '../database.ts'
import { type Asking, type Reply, TestInstallation } from '../installation.ts'
import { goodCall } from './prerequisites.ts'
import { requestFor, smallestInput } from './samples.ts'

/** A request that comes twice with one Idempotency-Key is carried out once. */

/** How often the slow operation fails from now on. */
let failuresLeft = 0
const renamed = event('slow.renamed', { version: 1 })

/** Takes as long as it is told to. */
const slow = module({
  name: 'slow',
  permissions: { 'slow:rename': ['owner', 'admin'] },
  operations: [
    operation({
      name: 'slow.rename',
      summary: 'Renames a project, and then does nothing for a while',
      http: 'POST /slow',
      input: { projectId: id(), name: line({ max: 100 }), ms: z.number().int().min(0).max(20_000) },
      output: z.object({ name: z.string() }),
      permission: 'slow:rename',
      emits: [renamed],
      async run(ctx, { projectId, name, ms }) {
        await ctx.db.change(sql`update projects set name = name || ${name}::text where tenant_id = ${ctx.tenant.id}
          and id = ${projectId}`)
        await wait(ms)
        if (failuresLeft-- > 0) throw new Error('as the test wants it')
        ctx.record(renamed, { resourceId: projectId })
        return { name }
      },
    }),
  ],
})

let atlas: TestInstallation
let unsafe: readonly Operation[]
before(async () => {
  atlas = await TestInstallation.start({ modules: [slow] })
  unsafe = atlas.installation.operations.filter(({ method, name }) => method !== 'GET' && !name.startsWith('slow.'))
})
after(() => atlas.stop())

const owner = { as: 'owner@acme.test', tenant: 'acme' }
const admin = { as: 'admin@acme.test', tenant: 'acme' }

function keyed(path: string, key: string, asking: Asking, body: unknown): Promise<Reply> {
  return atlas.request('POST', `/api/v1${path}`, { ...asking, body, headers: { 'idempotency-key': key } })
}

const codeOf = ({ body }: Reply) => (body as { code?: string }).code
const isReplay = ({ headers }: Reply) => headers.get('idempotency-replayed') === 'true'
const projectsNamed = async (name: string) =>
  Number(
    (await rowsOf(atlas.databases.cellUrl, 'select count(*) from pool.projects where name = $1', [name]))[0]?.['count'],
  )

describe('every operation that changes something', () => {
  test('answers a repeated request as it answered the first, and does it once', async () => {
    for (const each of unsafe) {
      const { input, ...asking } = await goodCall(atlas, each)
      const { method, path, body } = requestFor(each, { ...smallestInput(each), ...input })
      const withKey = { ...asking, ...(body === undefined ? {} : { body }), headers: { 'idempotency-key': newId() } }
      const first = await atlas.request(method, path, withKey)
      assert.equal(first.status, each.status, `${each.name}: ${JSON.stringify(first.body)}`)
      const recorded = await countRecords(each)
      const again = await atlas.request(method, path, withKey)
      // Whoever has lost their place by it is told so, and not what they did with it.
      if ([401, 403, 404].includes(again.status)) continue
      // A purge takes the tenant's keys away with all else: what it did it cannot do again.
      if (each.name === 'staffTenants.purge' && again.status === 409) continue
      assert.deepEqual([again.status, again.body, isReplay(again)], [first.status, first.body, true], each.name)
      assert.equal(again.headers.get('etag'), first.headers.get('etag'), each.name)
      assert.equal(again.headers.get('set-cookie'), first.headers.get('set-cookie'), each.name)
      assert.equal(await countRecords(each), recorded, `${each.name} was recorded again`)
    }
  })

  test('refuses a key that is empty, too long or not printable', async () => {
    for (const key of ['', ' ', 'a b', 'k'.repeat(256), 'schlüssel'.normalize('NFC')]) {
      const reply = await keyed('/projects', key, owner, { name: 'Never made' })
      assert.deepEqual([reply.status, codeOf(reply)], [400, 'request.malformed'], JSON.stringify(key))
    }
    assert.equal(await projectsNamed('Never made'), 0)
    assert.equal((await keyed('/projects', 'k'.repeat(255), owner, { name: 'With a long key' })).status, 201)
  })
})

async function countRecords({ name }: Operation): Promise<number> {
  const text = (schema: string) => `select count(*)::int as count from ${schema}.audit_events where operation = $1`
  const [there] = await rowsOf(atlas.databases.cellUrl, text('pool'), [name])
  const [control] = await rowsOf(atlas.databases.controlUrl, text('control'), [name])
  return Number(there?.['count']) + Number(control?.['count'])
}

test('what sends something is not done without a key, and says so in the contract', async () => {
  const required = unsafe.filter(({ idempotency }) => idempotency === 'required')
  assert.deepEqual(required.map(({ name }) => name).toSorted(), [
    'invitations.create',
    'invitations.createMany',
    'invitations.resend',
  ])
  const { cookie } = { cookie: await atlas.cookieOf('owner@acme.test') }
  for (const each of required) {
    const { method, path, body } = requestFor(each, smallestInput(each))
    const reply = await fetch(atlas.url + path, {
      method,
      headers: { cookie, tenant: 'acme', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const { code } = (await reply.json()) as { code: string }
    assert.deepEqual([reply.status, code], [400, 'request.key_missing'], each.name)
  }
})

describe('one key', () => {
  test('stands for one request: with another body, path or version it is refused, and nothing is done', async () => {
    const key = newId()
    const made = await keyed('/projects', key, owner, { name: 'The one' })
    const other = await keyed('/projects', key, owner, { name: 'Another' })
    assert.deepEqual([other.status, codeOf(other)], [422, 'request.key_reused'])
    assert.equal(await projectsNamed('Another'), 0)
    const { id: projectId } = made.body as { id: string }
    const rename = (headers: Record<string, string>, path = projectId) =>
      atlas.request('PATCH', `/api/v1/projects/${path}`, { ...owner, body: { name: 'Renamed' }, headers })
    const renameKey = newId()
    assert.equal((await rename({ 'idempotency-key': renameKey, 'if-match': '"1"' })).status, 200)
    assert.equal(codeOf(await rename({ 'idempotency-key': renameKey, 'if-match': '"2"' })), 'request.key_reused')
    assert.equal(codeOf(await rename({ 'idempotency-key': renameKey }, newId())), 'request.key_reused')
    assert.equal((await rename({ 'idempotency-key': renameKey, 'if-match': '"1"' })).status, 200)
  })

  test('does not care in which order fields are sent', async () => {
    const key = newId()
    const { id: projectId } = (await keyed('/projects', newId(), owner, { name: 'Of tasks' })).body as { id: string }
    const first = await keyed('/tasks', key, owner, { projectId, title: 'A task' })
    assert.equal(first.status, 201)
    const again = await keyed('/tasks', key, owner, { title: 'A task', projectId })
    assert.deepEqual([again.body, isReplay(again)], [first.body, true])
  })

  test('belongs to one person, one organisation and one operation', async () => {
    const key = newId()
    const body = { name: 'Everybody has one' }
    const replies = [
      await keyed('/projects', key, owner, body),
      await keyed('/projects', key, admin, body),
      await keyed('/projects', key, { as: 'owner@globex.test', tenant: 'globex' }, body),
    ]
    assert.deepEqual(
      replies.map(({ status }) => status),
      [201, 201, 201],
    )
    assert.equal(replies.some(isReplay), false)
    assert.equal(new Set(replies.map(({ body }) => (body as { id: string }).id)).size, 3)
    assert.equal((await keyed('/keys', key, owner, { name: 'A key', scopes: ['project:read'] })).status, 201)
  })

  test('is free again after a request that was refused or failed', async () => {
    const key = newId()
    assert.equal((await keyed('/projects', key, owner, { name: '' })).status, 400)
    const missing = await keyed('/tasks', key, owner, { projectId: newId(), title: 'Of no project' })
    assert.ok(missing.status >= 400 && missing.status < 500)
    const { id: projectId } = (await keyed('/projects', key, owner, { name: 'Now it is' })).body as { id: string }
    const task = await keyed('/tasks', key, owner, { projectId, title: 'Of a project' })
    assert.deepEqual([task.status, isReplay(task)], [201, false])
  })

  test('is free again after a day, and what it kept is gone', async () => {
    const key = newId()
    const body = { name: 'Every day' }
    await keyed('/projects', key, owner, body)
    const aged =
      "update pool.idempotency_keys set created_at = created_at - interval '25 hours' where operation = 'projects.create'"
    await rowsOf(atlas.databases.cellUrl, aged)
    const next = await keyed('/projects', key, owner, body)
    assert.deepEqual([next.status, isReplay(next), await projectsNamed('Every day')], [201, false, 2])
    const [left] = await rowsOf(
      atlas.databases.cellUrl,
      `select count(*)::int as count from pool.idempotency_keys where created_at < now() - interval '24 hours'
        and tenant_id = (select tenant_id from pool.projects where name = 'Every day' limit 1)`,
    )
    assert.equal(left?.['count'], 0)
  })

  test('opens a reply that nobody can read without it: not in the database, not in a dump', async () => {
    const key = newId()
    const { key: apiKey } = (await keyed('/keys', key, owner, { name: 'Secret', scopes: ['project:read'] })).body as {
      key: string
    }
    const rows = await rowsOf(atlas.databases.cellUrl, 'select key_digest, reply from pool.idempotency_keys')
    const bytes = rows.flatMap(({ key_digest, reply }) => [key_digest as Buffer, reply as Buffer])
    for (const secret of [key, apiKey]) assert.ok(bytes.every((each) => !each.includes(secret)))
    const again = await keyed('/keys', key, owner, { name: 'Secret', scopes: ['project:read'] })
    assert.equal((again.body as { key: string }).key, apiKey)
  })
})

test('what was asked for leaves no digest that passwords could be tried against', async () => {
  const body = { email: 'viewer@acme.test', password: demoPassword }
  for (const key of [newId(), newId()]) {
    const headers = { 'idempotency-key': key }
    assert.equal((await atlas.request('POST', '/api/v1/sessions', { body, headers })).status, 201)
  }
  const kept = "select fingerprint from control.idempotency_keys where operation = 'sessions.create'"
  const fingerprints = (await rowsOf(atlas.databases.controlUrl, kept)).map((row) => row['fingerprint'] as Buffer)
  const digests = fingerprints.map((each) => each.toString('hex'))
  assert.ok(digests.length >= 2)
  assert.equal(new Set(digests).size, digests.length, 'the same input looks different under each key')
})

describe('twins at the same moment', () => {
  test('fifty of them are one: the others wait and get its answer', async () => {
    const key = newId()
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => keyed('/projects', key, owner, { name: 'Fifty' })),
    )
    assert.deepEqual([...new Set(replies.map(({ status }) => status))], [201])
    assert.equal(new Set(replies.map(({ body }) => (body as { id: string }).id)).size, 1)
    assert.equal(replies.filter(isReplay).length, 49)
    assert.equal(await projectsNamed('Fifty'), 1)
  })

  test('of one that takes long, the others are told to come back and find its answer then', async () => {
    const { id: projectId } = (await keyed('/projects', newId(), owner, { name: 'Slow' })).body as { id: string }
    const key = newId()
    const body = { projectId, name: '+', ms: 6_000 }
    const first = keyed('/slow', key, owner, body)
    await wait(100)
    const twin = await keyed('/slow', key, owner, body)
    assert.deepEqual([twin.status, codeOf(twin), twin.headers.get('retry-after')], [409, 'request.in_flight', '1'])
    assert.equal((await first).status, 201)
    const later = await keyed('/slow', key, owner, body)
    assert.deepEqual([later.status, isReplay(later)], [201, true])
    assert.equal(await projectsNamed('Slow+'), 1)
  })

  test('of one that fails, the next does it, and the others get its answer', async () => {
    const { id: projectId } = (await keyed('/projects', newId(), owner, { name: 'Late' })).body as { id: string }
    const key = newId()
    failuresLeft = 1
    const body = { projectId, name: '+', ms: 20 }
    const replies = await Promise.all(Array.from({ length: 5 }, () => keyed('/slow', key, owner, body)))
    assert.deepEqual(
      replies.map(({ status }) => status).toSorted((one, other) => one - other),
      [201, 201, 201, 201, 500],
    )
    assert.equal(await projectsNamed('Late+'), 1)
  })

  test('in two processes are one, too, though their clocks are three days apart: the database’s counts', async () => {
    const second = new Installation({
      product: { ...product, modules: [...product.modules, slow] },
      databases: atlas.databases.settings,
      identity: new BetterAuthProvider(new PasswordHashing()),
      mailer: atlas.inbox,
      publicUrl: atlas.url,
      log: atlas.log,
      now: () => new Date(Date.now() + 3 * 86_400_000),
    })
    const where = { host: '127.0.0.1', port: 0, publicUrl: atlas.url, trustedProxies: undefined }
    const served = await serve({ ...where, installation: second, log: atlas.log, pages: async () => {} })
    const key = newId()
    const { id: projectId } = (await keyed('/projects', newId(), owner, { name: 'Both' })).body as { id: string }
    const body = { projectId, name: '+', ms: 300 }
    const { key: program } = await atlas.ask<{ key: string }>('POST', '/api/v1/keys', {
      ...owner,
      body: { name: 'Of a program', scopes: ['slow:rename'] },
    })
    const post = (url: string) =>
      fetch(`${url}/api/v1/slow`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { authorization: `Bearer ${program}`, 'idempotency-key': key, 'content-type': 'application/json' },
      })
    const there = `http://127.0.0.1:${served.port}`
    const replies = await Promise.all(Array.from({ length: 10 }, (_, index) => post(index % 2 ? there : atlas.url)))
    assert.deepEqual([...new Set(replies.map(({ status }) => status))], [201])
    for (const late of [await post(there), await post(atlas.url)])
      assert.equal(late.headers.get('idempotency-replayed'), 'true', 'no clock ahead ends the 24 hours of a key')
    assert.equal(await projectsNamed('Both+'), 1)
    await served.close()
    await second.close()
  })
})
