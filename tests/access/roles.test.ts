import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { newId } from '../../platform/src/kernel/id.ts'
import { AccessScene, admin, guest, owner } from './scene.ts'

/** Roles of an organisation's own: rows, made and given by whoever holds what is in them. */

let scene: AccessScene
before(async () => {
  scene = await AccessScene.make()
})
after(() => scene.atlas.stop())

const create = (permissions: unknown, asking = owner, name = `Role ${newId()}`) =>
  scene.request('POST', '/roles', { ...asking, body: { name, permissions } })
const codeOf = ({ body }: { body: unknown }) => (body as { code?: string }).code
const pointersOf = ({ body }: { body: unknown }) =>
  ((body as { errors?: { pointer: string }[] }).errors ?? []).map(({ pointer }) => pointer)

describe('a role', () => {
  test('permits what it says to whoever has it, at once, and no more once it is changed or withdrawn', async () => {
    const roleId = await scene.role('Reader of projects', ['project:read'])
    const projectId = await scene.project()
    assert.equal(await scene.outcome('GET', `/projects/${projectId}`, guest), '403 request.forbidden')
    const assignment = await scene.give(roleId)
    assert.equal(await scene.outcome('GET', `/projects/${projectId}`, guest), '200')
    const rename = () => scene.outcome('PATCH', `/projects/${projectId}`, { ...guest, body: { name: 'Mine' } })
    assert.equal(await rename(), '403 request.forbidden')
    const permissions = [{ permission: 'project:read' }, { permission: 'project:update' }]
    await scene.atlas.ask('PATCH', `/api/v1/roles/${roleId}`, { ...owner, body: { permissions } })
    assert.equal(await rename(), '200')
    await scene.withdraw(assignment)
    assert.equal(await rename(), '403 request.forbidden')
    assert.equal(await scene.outcome('GET', '/tenant', guest), '200', 'a member without a role stays a member')
    assert.equal(await scene.outcome('DELETE', `/roles/${roleId}`, owner), '204')
  })

  test('cannot hold, and cannot be given with, what its giver does not hold', async () => {
    const reply = await create([{ permission: 'tenant:transfer' }], admin)
    assert.deepEqual([reply.status, codeOf(reply)], [403, 'role.not_held'])
    assert.match((reply.body as { detail: string }).detail, /tenant:transfer/)
    const strong = await scene.role('Strong', ['tenant:transfer'])
    const body = { principalId: scene.guestId, roleId: strong }
    assert.equal(await scene.outcome('POST', '/assignments', { ...admin, body }), '403 role.not_held')
    const weaker = { permissions: [{ permission: 'project:read' }] }
    assert.equal(await scene.outcome('PATCH', `/roles/${strong}`, { ...admin, body: weaker }), '403 role.not_held')
    const assignment = await scene.give(strong)
    assert.equal(await scene.outcome('DELETE', `/assignments/${assignment}`, admin), '403 role.not_held')
    await scene.withdraw(assignment)
  })

  test('that holds something only under a condition cannot be passed on by whoever has it', async () => {
    const onlyHere = [{ network: ['127.0.0.0/8', '::1/128'] }]
    const roleId = await scene.role('Makes roles, here', [
      'role:read',
      { permission: 'role:create', condition: onlyHere },
      { permission: 'project:read', condition: onlyHere },
    ])
    const assignment = await scene.give(roleId)
    assert.equal((await create([{ permission: 'role:read' }], guest)).status, 201)
    assert.equal(codeOf(await create([{ permission: 'project:read' }], guest)), 'role.not_held')
    await scene.withdraw(assignment)
  })

  test('of the system stays as it is, and so does one that somebody has', async () => {
    const { items } = await scene.atlas.ask<{ items: { id: string; system: string | null }[] }>(
      'GET',
      '/api/v2/roles?limit=100',
      owner,
    )
    const systems = items.filter(({ system }) => system !== null)
    assert.deepEqual(systems.map(({ system }) => String(system)).toSorted(), [
      'admin',
      'guest',
      'member',
      'owner',
      'viewer',
    ])
    for (const { id, system } of systems) {
      const change = { ...owner, body: { name: 'Changed' } }
      assert.equal(await scene.outcome('PATCH', `/roles/${id}`, change), '422 role.of_the_system', system ?? '')
      assert.equal(await scene.outcome('DELETE', `/roles/${id}`, owner), '422 role.of_the_system', system ?? '')
    }
    const roleId = await scene.role('In use', [])
    const assignment = await scene.give(roleId)
    assert.equal(await scene.outcome('DELETE', `/roles/${roleId}`, owner), '409 role.in_use')
    await scene.withdraw(assignment)
    assert.equal(await scene.outcome('DELETE', `/roles/${roleId}`, owner), '204')
  })

  test('has a name of its own, known permissions, and no other roles in it', async () => {
    await scene.role('Twice', [])
    for (const name of ['Twice', ' twice ', 'ＴＷＩＣＥ', 'Owner'])
      assert.equal(codeOf(await create([], owner, name)), 'role.name_taken', name)
    const unknown = await create([{ permission: 'project:read' }, { permission: 'project:fly' }])
    assert.deepEqual(
      [codeOf(unknown), pointersOf(unknown)],
      ['role.unknown_permission', ['#/permissions/1/permission']],
    )
    const known = await scene.role('Two known ones', ['project:read', 'task:read'])
    const changed = await scene.request('PATCH', `/roles/${known}`, {
      ...owner,
      body: { permissions: [{ permission: 'project:fly' }] },
    })
    assert.deepEqual(pointersOf(changed), ['#/permissions/0/permission'], 'of the list that was sent')
    const nested = await scene.request('POST', '/roles', {
      ...owner,
      body: { name: 'Nested', permissions: [], includes: [newId()] },
    })
    assert.deepEqual([codeOf(nested), pointersOf(nested)], ['request.invalid', ['#/includes']])
  })

  test('renamed to one name by many at once is renamed once, and nobody is told of a defect', async () => {
    for (const [path, body] of [
      ['/roles', { permissions: [] }],
      ['/teams', {}],
    ] as const) {
      const made = Array.from({ length: 8 }, async (_, index) => {
        const asked = { ...owner, body: { ...body, name: `Before ${index}` } }
        return (await scene.atlas.ask<{ id: string }>('POST', `/api/v1${path}`, asked)).id
      })
      const ids = await Promise.all(made)
      const renamed = ids.map((id) => scene.request('PATCH', `${path}/${id}`, { ...owner, body: { name: 'After' } }))
      const statuses = (await Promise.all(renamed)).map(({ status }) => status)
      assert.deepEqual(
        statuses.toSorted((one, other) => one - other),
        [200, ...Array.from({ length: 7 }, () => 409)],
        path,
      )
    }
  })

  test('refuses conditions that could never be judged, and says which clause', async () => {
    const wrong: [unknown, string][] = [
      [[{ record: 'colour', in: ['red'] }], '/condition/0/record'],
      [[{ record: 'state' }], '/condition/0'],
      [[{ record: 'state', in: ['planned'] }, { network: ['10.0.0.0/8', '10.0.0.0/64'] }], '/condition/1/network/1'],
      [[{ time: { from: '08:00', until: '18:00', zone: 'Mars/Olympus' } }], '/condition/0/time/zone'],
    ]
    for (const [condition, pointer] of wrong) {
      const reply = await create([{ permission: 'project:read', condition }])
      assert.deepEqual([codeOf(reply), pointersOf(reply)], ['role.bad_condition', [`#/permissions/0${pointer}`]])
    }
    for (const condition of [[], [{}], [{ network: ['everywhere'] }], [{ sql: '1=1' }], 'always'])
      assert.equal(codeOf(await create([{ permission: 'project:read', condition }])), 'request.invalid')
  })
})

interface Member {
  readonly id: string
  readonly email: string
  readonly role: string
}

async function members(asking = owner): Promise<Map<string, Member>> {
  const { items } = await scene.atlas.ask<{ items: Member[] }>('GET', '/api/v1/members', asking)
  return new Map(items.map((each) => [each.email, each]))
}

test('ownership goes to another member, whose place its giver takes, and no member who may do less takes it away', async () => {
  const idOf = async ({ as }: typeof owner) => (await members()).get(as)?.id ?? ''
  const transfer = async (from: typeof owner, to: typeof owner) =>
    scene.request('POST', '/tenant/transfer-ownership', { ...from, body: { memberId: await idOf(to) } })
  const toSelf = await transfer(owner, owner)
  assert.deepEqual([codeOf(toSelf), pointersOf(toSelf)], ['request.invalid', ['#/memberId']])
  const removal = await scene.request('DELETE', `/members/${await idOf(owner)}`, admin)
  assert.deepEqual(
    [codeOf(removal), (removal.body as { detail: string }).detail],
    ['role.not_grantable', 'This member may do more than you may.'],
  )
  const roles = async () => {
    const all = await members()
    return [owner, admin].map(({ as }) => all.get(as)?.role)
  }
  assert.equal((await transfer(owner, admin)).status, 200)
  assert.deepEqual(await roles(), ['admin', 'owner'])
  assert.equal((await transfer(owner, admin)).status, 403)
  assert.equal((await transfer(admin, owner)).status, 200)
  assert.deepEqual(await roles(), ['owner', 'admin'])
})

test('of 50 at the same moment who demote owners, one owner is left', async () => {
  const { items } = await scene.atlas.ask<{ items: { id: string; email: string; role: string }[] }>(
    'GET',
    '/api/v1/members',
    owner,
  )
  const [first, second] = [owner.as, admin.as].map((email) => items.find((each) => each.email === email)?.id)
  await scene.atlas.ask('PATCH', `/api/v1/members/${second}`, { ...owner, body: { role: 'owner' } })
  const attempts = Array.from({ length: 50 }, (_, index) => {
    const [asking, target] = index % 2 ? [owner, second] : [admin, first]
    return scene.outcome('PATCH', `/members/${target}`, { ...asking, body: { role: 'viewer' } })
  })
  const outcomes = await Promise.all(attempts)
  assert.equal(outcomes.filter((outcome) => outcome === '200').length >= 1, true)
  const left = await scene.atlas.ask<{ items: { role: string }[] }>('GET', '/api/v1/members', {
    ...owner,
    tenant: 'acme',
  })
  assert.equal(left.items.filter(({ role }) => role === 'owner').length, 1)
})

test('of two owners who leave at the same moment, one stays', async () => {
  const left = await members()
  const [stays, other] = left.get(owner.as)?.role === 'owner' ? [owner, admin] : [admin, owner]
  const body = { role: 'owner' }
  await scene.atlas.ask('PATCH', `/api/v1/members/${left.get(other.as)?.id}`, { ...stays, body })
  const leaving = [owner, admin].map((each) => scene.outcome('POST', '/members/leave', each))
  assert.deepEqual((await Promise.all(leaving)).toSorted(), ['204', '422 member.last_owner'])
})
