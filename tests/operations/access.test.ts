import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { newId } from '../../platform/src/kernel/id.ts'
import type { Operation } from '../../platform/src/kernel/operation.ts'
import { rowsOf } from '../database.ts'
import { type Asking, type Reply, TestInstallation } from '../installation.ts'
import { goodCall } from './prerequisites.ts'
import { requestFor, smallestInput } from './samples.ts'

/** Who gets into which operation: the same tests for all of them, made from their declarations. */

let atlas: TestInstallation
let operations: readonly Operation[]
before(async () => {
  atlas = await TestInstallation.start()
  operations = atlas.installation.operations
  assert.ok(operations.length > 30)
})
after(() => atlas.stop())

const inTenant = (operation: Operation) => operation.permission.includes(':')

function send(operation: Operation, asking: Asking, input = smallestInput(operation)): Promise<Reply> {
  const { method, path, body } = requestFor(operation, input)
  return atlas.request(method, path, { ...asking, ...(body === undefined ? {} : { body }) })
}

/** What two answers have to have in common for nobody to tell them apart. */
function comparable({ status, body }: Reply): unknown {
  const { requestId: _, instance: __, ...rest } = body as Record<string, unknown>
  return { status, ...rest }
}

/** What the members of a tenant are told in each state that is not for everything. */
const refusals = {
  provisioning: 'tenant.provisioning',
  read_only: 'tenant.read_only',
  suspended: 'tenant.suspended',
  cancelled: 'tenant.cancelled',
  purged: 'tenant.not_found',
}
const closed = new Set(Object.values(refusals))

/** Puts a tenant into a state behind everybody's back. */
async function setState(id: string, state: string): Promise<void> {
  await rowsOf(
    atlas.databases.controlUrl,
    `update control.tenants set state = $2, purge_after = case when $2 = 'cancelled' then now() end,
      state_before = case when $2 = 'cancelled' then 'active' end, slug = case when $2 <> 'purged' then 'globex' end
      where id = $1`,
    [id, state],
  )
  atlas.installation.gates.forget()
}

const wrongCredentials: readonly Record<string, string>[] = [
  {},
  { cookie: 'tenantry_session=AAAA' },
  { authorization: 'Bearer tk_nothing' },
  { authorization: 'Basic eDp5' },
]

describe('every operation', () => {
  test('that is not public answers 401 to nobody, and to a cookie or key that is none', async () => {
    for (const operation of operations.filter(({ permission }) => permission !== 'public')) {
      for (const headers of wrongCredentials) {
        const { status } = await send(operation, { tenant: 'acme', headers })
        assert.equal(status, 401, `${operation.name} with ${JSON.stringify(headers)}`)
      }
    }
  })

  test('of a tenant answers 403 to a key without its permission', async () => {
    const keyOf = async (scope: string) =>
      (
        await atlas.ask<{ key: string }>('POST', '/api/v1/keys', {
          as: 'owner@acme.test',
          tenant: 'acme',
          body: { name: scope, scopes: [scope] },
        })
      ).key
    const [roleReader, projectReader] = [await keyOf('role:read'), await keyOf('project:read')]
    for (const operation of operations.filter(inTenant)) {
      const { status, body } = await send(operation, {
        as: operation.permission === 'role:read' ? projectReader : roleReader,
      })
      assert.equal(status, 403, operation.name)
      assert.equal((body as { code: string }).code, 'request.forbidden', operation.name)
    }
  })

  test('of a tenant answers a member of another one, and somebody who names none that exists, alike', async () => {
    for (const operation of operations.filter(inTenant)) {
      const foreign = await send(operation, { as: 'owner@globex.test', tenant: 'acme' })
      const unknown = await send(operation, { as: 'owner@globex.test', tenant: 'no-such-tenant' })
      assert.equal(foreign.status, 404, operation.name)
      assert.deepEqual(comparable(foreign), comparable(unknown), operation.name)
    }
  })

  test("on one record answers for another tenant's record exactly as for a missing one", async () => {
    const withId = operations.filter((operation) => inTenant(operation) && operation.path.includes('{id}'))
    assert.ok(withId.length >= 10)
    for (const operation of withId) {
      const { input } = await goodCall(atlas, operation)
      const globex = { as: 'owner@globex.test', tenant: 'globex' }
      const foreign = await send(operation, globex, { ...smallestInput(operation), ...input })
      const missing = await send(operation, globex, { ...smallestInput(operation), ...input, id: newId() })
      assert.equal(missing.status, 404, `${operation.name}: ${JSON.stringify(missing.body)}`)
      assert.deepEqual(comparable(foreign), comparable(missing), operation.name)
    }
  })

  test('of a tenant is refused in a state that is not for it, and only to members is it said which', async () => {
    const tenant = (
      await atlas.ask<{ id: string }>('GET', '/api/v1/tenant', { as: 'owner@globex.test', tenant: 'globex' })
    ).id
    for (const state of Object.keys(refusals) as (keyof typeof refusals)[]) {
      for (const operation of operations.filter(inTenant)) {
        // A served one may have changed it.
        await setState(tenant, state)
        const served =
          operation.alsoIn.includes(state) ||
          (state === 'read_only' && (operation.emits.length === 0 || operation.method === 'GET'))
        const { code } = (await send(operation, { as: 'owner@globex.test', tenant })).body as { code?: string }
        if (served) assert.ok(!closed.has(code ?? ''), `${operation.name} in ${state}: ${code}`)
        else assert.equal(code, refusals[state], `${operation.name} in ${state}`)
        const stranger = await send(operation, { as: 'owner@acme.test', tenant })
        assert.equal((stranger.body as { code: string }).code, 'tenant.not_found', `${operation.name} in ${state}`)
      }
    }
    await setState(tenant, 'active')
  })

  test('of a tenant that works in more states than others is one of these', () => {
    const more = operations
      .filter(({ alsoIn }) => alsoIn.length > 0)
      .map(({ name, alsoIn }) => `${name}: ${alsoIn.join()}`)
    assert.deepEqual(more.toSorted(), [
      'tenant.cancel: read_only',
      'tenant.readCancellation: cancelled',
      'tenant.restore: cancelled',
    ])
  })

  test('of staff answers 403 to everybody who is not, whatever their role in a tenant, and to keys', async () => {
    const forStaff = operations.filter(({ permission }) => permission === 'staff')
    assert.ok(forStaff.length >= 10)
    const { key } = await atlas.ask<{ key: string }>('POST', '/api/v1/keys', {
      as: 'owner@acme.test',
      tenant: 'acme',
      body: { name: 'k', scopes: ['tenant:cancel'] },
    })
    const people = ['owner', 'admin', 'member', 'viewer'].map((role) => `${role}@acme.test`)
    for (const operation of forStaff) {
      for (const as of [...people, key]) {
        const { status, body } = await send(operation, { as, ...(as === key ? {} : { tenant: 'acme' }) })
        assert.deepEqual(
          [status, (body as { code: string }).code],
          [403, 'request.forbidden'],
          `${operation.name}: ${as}`,
        )
      }
    }
  })

  test("that writes refuses a browser's request from another site", async () => {
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    for (const operation of operations.filter(
      ({ method, permission }) => method !== 'GET' && permission !== 'public',
    )) {
      const { body } = await send(operation, { as: 'owner@acme.test', tenant: 'acme', headers })
      assert.equal((body as { code: string }).code, 'request.cross_origin', operation.name)
    }
  })

  test("with a key refuses a tenant that is not the key's, and a session beside it", async () => {
    const { key } = await atlas.ask<{ key: string }>('POST', '/api/v1/keys', {
      as: 'owner@acme.test',
      tenant: 'acme',
      body: { name: 'k', scopes: ['project:read'] },
    })
    for (const operation of operations.filter(inTenant)) {
      const { status } = await send(operation, { as: key, tenant: 'globex' })
      assert.equal(status, 403, operation.name)
      const both = await send(operation, {
        as: 'owner@acme.test',
        tenant: 'acme',
        headers: { authorization: `Bearer ${key}` },
      })
      assert.equal((both.body as { code: string }).code, 'request.contradictory', operation.name)
    }
  })
})
