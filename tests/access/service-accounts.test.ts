import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { newId } from '../../platform/src/kernel/id.ts'
import { rowsOf } from '../database.ts'
import type { Asking } from '../installation.ts'
import { AccessScene, admin, owner } from './scene.ts'

/** Actors of an organisation that are no people: what they may do is given to them as to members, and they act by keys. */

let scene: AccessScene
let account: string
before(async () => {
  scene = await AccessScene.make()
  account = await makeAccount('Deploy bot')
})
after(() => scene.atlas.stop())

interface Key {
  readonly id: string
  readonly key: string
  readonly expiresAt: string | null
}

async function makeAccount(name: string): Promise<string> {
  return (await scene.atlas.ask<{ id: string }>('POST', '/api/v1/service-accounts', { ...owner, body: { name } })).id
}

const makeKey = (body: object, asking: Asking = owner) =>
  scene.atlas.ask<Key>('POST', '/api/v1/keys', { ...asking, body: { name: 'A key', ...body } })
const giveTo = async (principalId: string, roleId: string, scope: object = { kind: 'tenant' }) =>
  (
    await scene.atlas.ask<{ id: string }>('POST', '/api/v1/assignments', {
      ...owner,
      body: { principalId, roleId, scope },
    })
  ).id
const change = (id: string, body: object) =>
  scene.atlas.ask('PATCH', `/api/v1/service-accounts/${id}`, { ...owner, body })
async function systemRole(name: string): Promise<string> {
  const { items } = await scene.atlas.ask<{ items: { id: string; system: string | null }[] }>(
    'GET',
    '/api/v2/roles?limit=100',
    owner,
  )
  return items.find(({ system }) => system === name)?.id ?? ''
}

describe('a service account', () => {
  test('may do what its roles permit, where they reach, at once and no longer', async () => {
    const { key } = await makeKey({ serviceAccountId: account })
    const [mine, other] = [await scene.project(), await scene.project()]
    const read = (id: string) => scene.outcome('GET', `/projects/${id}`, { as: key })
    assert.equal(await read(mine), '403 request.forbidden')
    const roleId = await scene.role('Deployer', ['project:read', 'project:update'])
    const assignment = await giveTo(account, roleId, { kind: 'record', resource: 'project', id: mine })
    assert.deepEqual([await read(mine), await read(other)], ['200', '404 resource.not_found'])
    assert.deepEqual(await scene.seen({ as: key }), [mine])
    const asked = `principalId=${account}&permission=project:update&resource=project&recordId=${mine}`
    const why = await scene.atlas.ask<{ allowed: boolean; assignments: { id: string; reason: string }[] }>(
      'GET',
      `/api/v1/access/explanation?${asked}`,
      owner,
    )
    assert.deepEqual([why.allowed, why.assignments[0]?.id], [true, assignment])
    await scene.withdraw(assignment)
    assert.equal(await read(mine), '403 request.forbidden')
  })

  test('is named by the audit log, with the key that it acted by', async () => {
    const id = await makeAccount('Importer')
    await giveTo(id, await scene.role('Importer', ['project:create']))
    const { key } = await makeKey({ name: 'Warehouse', serviceAccountId: id })
    const projectId = await scene.project({}, { as: key })
    const { items } = await scene.atlas.ask<{ items: { actor: { kind: string; id: string; name: string } }[] }>(
      'GET',
      `/api/v1/audit-events?resourceId=${projectId}`,
      owner,
    )
    assert.deepEqual(
      items.map(({ actor: { kind, id: actorId, name } }) => ({ kind, id: actorId, name })),
      [{ kind: 'serviceAccount', id, name: 'Importer (Warehouse)' }],
    )
  })

  test('that is disabled is refused with all of its keys until it is enabled; deleted, it takes keys and roles along', async () => {
    const id = await makeAccount('Short-lived')
    const assignment = await giveTo(id, await systemRole('viewer'))
    const keys = [await makeKey({ serviceAccountId: id }), await makeKey({ serviceAccountId: id })]
    const outcomes = () => Promise.all(keys.map(({ key }) => scene.outcome('GET', '/projects', { as: key })))
    assert.deepEqual(await outcomes(), ['200', '200'])
    await change(id, { disabled: true })
    const asked = `/api/v1/access/explanation?principalId=${id}&permission=project:read`
    const why = await scene.atlas.ask<{ allowed: boolean; assignments: { reason: string }[] }>('GET', asked, owner)
    assert.deepEqual([why.allowed, why.assignments.map(({ reason }) => reason)], [false, ['disabled']])
    assert.deepEqual(await outcomes(), ['401 request.unauthenticated', '401 request.unauthenticated'])
    await change(id, { disabled: false })
    assert.deepEqual(await outcomes(), ['200', '200'])
    assert.equal(await scene.outcome('DELETE', `/service-accounts/${id}`, owner), '204')
    assert.deepEqual(await outcomes(), ['401 request.unauthenticated', '401 request.unauthenticated'])
    assert.equal(await scene.outcome('DELETE', `/assignments/${assignment}`, owner), '404 resource.not_found')
    assert.equal(await scene.outcome('DELETE', `/keys/${keys[0]?.id}`, owner), '404 resource.not_found')
  })

  test('is given no more than its giver holds, and its keys only to whoever holds as much', async () => {
    const id = await makeAccount('Strong')
    const strong = await scene.role('Strong', ['tenant:transfer', 'project:read'])
    const give = { ...admin, body: { principalId: id, roleId: strong } }
    assert.equal(await scene.outcome('POST', '/assignments', give), '403 role.not_held')
    await giveTo(id, strong, { kind: 'record', resource: 'project', id: await scene.project() })
    const ask = (body: object) => scene.request('POST', '/keys', { ...admin, body: { name: 'k', ...body } })
    const refused = await ask({ serviceAccountId: id })
    assert.deepEqual([refused.status, (refused.body as { code: string }).code], [403, 'key.scope_not_held'])
    assert.match((refused.body as { detail: string }).detail, /tenant:transfer/)
    const narrowed = await ask({ serviceAccountId: id, scopes: ['project:read'] })
    assert.equal(narrowed.status, 201)
    const whole = await makeKey({ serviceAccountId: id })
    assert.equal(
      await scene.outcome('POST', `/keys/${whole.id}/rotate`, { ...admin, body: {} }),
      '403 key.scope_not_held',
    )
    assert.equal(
      await scene.outcome('POST', '/keys', { ...owner, body: { name: 'k', serviceAccountId: newId() } }),
      '422 key.no_service_account',
    )
  })

  test('is no member: neither an owner, nor in a team, nor let in without a key that is its own', async () => {
    const give = { ...owner, body: { principalId: account, roleId: await systemRole('owner') } }
    assert.equal(await scene.outcome('POST', '/assignments', give), '422 assignment.not_assignable')
    const { id: teamId } = await scene.atlas.ask<{ id: string }>('POST', '/api/v1/teams', {
      ...owner,
      body: { name: 'North' },
    })
    const add = { ...owner, body: { principalId: account } }
    assert.equal(await scene.outcome('POST', `/teams/${teamId}/members`, add), '422 assignment.not_assignable')
    assert.equal(await scene.outcome('POST', '/keys', { ...owner, body: { name: 'k' } }), '400 request.invalid')
  })
})

describe('a key', () => {
  test('of a service account may be narrowed to some of what that may do', async () => {
    await giveTo(account, await scene.role('Two things', ['project:read', 'task:read']))
    const { key } = await makeKey({ serviceAccountId: account, scopes: ['task:read'] })
    assert.equal(await scene.outcome('GET', '/tasks', { as: key }), '200')
    assert.equal(await scene.outcome('GET', '/projects', { as: key }), '403 request.forbidden')
  })

  test('is shown once and kept as a digest, has a last use, and is refused from its end on', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString()
    const [used, ended] = [
      await makeKey({ scopes: ['project:read'] }),
      await makeKey({ scopes: ['project:read'], expiresAt: inAnHour }),
    ]
    const { items } = await scene.atlas.ask<{ items: object[] }>('GET', '/api/v1/keys?limit=100', owner)
    const rows = await rowsOf(scene.atlas.databases.cellUrl, 'select * from pool.api_keys')
    assert.ok(rows.length >= 2)
    const kept = JSON.stringify([items, rows])
    for (const { key } of [used, ended]) assert.ok(!kept.includes(key) && !kept.includes(key.slice(-20)))
    assert.equal(await scene.outcome('GET', '/projects', { as: used.key }), '200')
    const end = `update pool.api_keys set expires_at = now() - interval '1 second' where id = '${ended.id}'`
    await rowsOf(scene.atlas.databases.cellUrl, end)
    assert.equal(await scene.outcome('GET', '/projects', { as: ended.key }), '401 request.unauthenticated')
    const lastUse = `select last_used_at from pool.api_keys where id = '${used.id}' and last_used_at is not null`
    for (const deadlineMs = Date.now() + 5_000; Date.now() < deadlineMs; await setTimeout(50))
      if ((await rowsOf(scene.atlas.databases.cellUrl, lastUse)).length === 1) return
    assert.fail('its use was not noted')
  })

  test('that is rotated works on beside the new one for as long as was said, and is seen to end', async () => {
    const expiresAt = new Date(Date.now() + 90 * 86_400_000).toISOString()
    const old = await makeKey({ scopes: ['project:read'], expiresAt })
    const rotate = (id: string, body: object) =>
      scene.atlas.ask<Key>('POST', `/api/v1/keys/${id}/rotate`, { ...owner, body })
    const read = (key: string) => scene.outcome('GET', '/projects', { as: key })
    const next = await rotate(old.id, { overlapHours: 12 })
    assert.deepEqual([await read(old.key), await read(next.key)], ['200', '200'])
    const { items } = await scene.atlas.ask<{ items: Key[] }>('GET', '/api/v1/keys?limit=100', owner)
    const hoursLeft = (id: string) =>
      Math.round((Date.parse(items.find((each) => each.id === id)?.expiresAt ?? '') - Date.now()) / 3_600_000)
    assert.deepEqual([hoursLeft(old.id), hoursLeft(next.id)], [12, 90 * 24])
    const last = await rotate(next.id, { overlapHours: 0, expiresAt: null })
    assert.deepEqual([await read(next.key), await read(last.key)], ['401 request.unauthenticated', '200'])
    assert.equal(last.expiresAt, null)
  })
})
