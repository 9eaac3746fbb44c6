import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { newId } from '../../platform/src/kernel/id.ts'
import { rowsOf } from '../database.ts'
import { requestFor, smallestInput } from '../operations/samples.ts'
import { codeOf, console, owner, type Session, SupportScene, staff } from './scene.ts'

/** Staff reach a tenant only by a session that says why, ends, and is agreed to. */

let scene: SupportScene
before(async () => {
  scene = await SupportScene.make()
})
after(() => scene.atlas.stop())

const read = (session: { id: string }, tenant?: string) =>
  scene.request(session, 'GET', '/api/v1/projects', tenant === undefined ? {} : { tenant })
const endByOwner = ({ id }: Session) =>
  scene.atlas.ask<Session>('POST', `/api/v1/support-sessions/${id}/end`, { ...owner, body: {} })

describe('the way in', () => {
  test('waits for the organisation to agree, and is a session of so many minutes then', async () => {
    await scene.atlas.ask('PATCH', '/api/v1/me', { as: 'owner@acme.test', body: { locale: 'es' } })
    const asked = await scene.ask()
    assert.equal(asked.state, 'waiting')
    assert.match(await scene.atlas.mailTo('admin@acme.test', 'asks to look into'), /Projects look empty to them/)
    assert.match(await scene.atlas.mailTo('owner@acme.test', 'pide entrar en'), /Allí ves lo que se lee/)
    assert.equal(codeOf(await read(asked)), '403 support.session_over')
    const path = `/api/v1/support-sessions/${asked.id}/approve`
    const opened = await scene.atlas.ask<Session>('POST', path, { ...owner, body: {} })
    assert.equal(opened.state, 'open')
    assert.equal((await read(opened)).status, 200)
    assert.equal(codeOf(await scene.atlas.request('POST', path, { ...owner, body: {} })), '409 support.nothing_waits')
    await endByOwner(opened)
  })

  test('is shut to a policy of never, and open at once under one of always', async () => {
    const policy = '/api/v1/support-policy'
    const set = (access: string) => scene.atlas.ask('PUT', policy, { ...owner, body: { access } })
    await set('never')
    const body = { member: 'owner@acme.test', reason: 'To look', ticket: 'T-1', minutes: 30 }
    assert.equal(codeOf(await scene.atlas.request('POST', scene.path, { ...staff, body })), '403 support.refused')
    await set('always')
    const opened = await scene.ask()
    assert.equal(opened.state, 'open')
    assert.equal((await read(opened)).status, 200)
    await endByOwner(opened)
    await set('on_approval')
  })

  test('lasts an hour at most, and names a reason, a ticket and a member', async () => {
    const good = { member: 'owner@acme.test', reason: 'To look', ticket: 'T-1', minutes: 30 }
    const send = (change: object) => scene.atlas.request('POST', scene.path, { ...staff, body: { ...good, ...change } })
    for (const wrong of [{ minutes: 61 }, { minutes: 0 }, { reason: ' ' }, { ticket: '' }, { member: 'nobody' }])
      assert.equal((await send(wrong)).status, 400, JSON.stringify(wrong))
    assert.equal(codeOf(await send({ member: 'owner@globex.test' })), '422 support.member_unknown')
    assert.equal(codeOf(await send({ member: 'who@nowhere.test' })), '422 support.member_unknown')
  })

  test('belongs to the one who asked, in the console, in that organisation', async () => {
    const session = await scene.open()
    await scene.appoint('viewer@acme.test')
    const asColleague = scene.request(session, 'GET', '/api/v1/projects', { as: 'viewer@acme.test' })
    assert.equal(codeOf(await asColleague), '403 support.session_over')
    assert.equal(codeOf(await read(session, 'globex')), '403 request.contradictory')
    for (const id of [newId(), 'no-id', "'; drop"]) assert.equal(codeOf(await read({ id })), '403 support.session_over')
    const cookie = await scene.atlas.cookieOf(staff.as)
    const headers = { 'tenantry-support': session.id, cookie }
    const fromWorkspace = await scene.atlas.request('GET', '/api/v1/projects', { tenant: 'acme', headers })
    assert.equal(codeOf(fromWorkspace), '404 tenant.not_found', 'the header means nothing without the console')
    const stolen = { ...console, cookie: cookie.replace('tenantry_session', 'tenantry_console') }
    const asConsole = await scene.atlas.request('GET', '/api/v1/staff/tenants', { headers: stolen })
    assert.equal(codeOf(asConsole), '403 staff.console_session_required')
    await endByOwner(session)
  })
})

describe('inside', () => {
  test('staff see what the member sees, and no more', async () => {
    const session = await scene.open('viewer@acme.test')
    const permissions = async (asking: Promise<{ body: unknown }>) =>
      ((await asking).body as { permissions: string[] }).permissions
    const theirs = permissions(scene.atlas.request('GET', '/api/v1/tenant', { as: 'viewer@acme.test', tenant: 'acme' }))
    const reading = (await theirs).filter((permission) => permission.endsWith(':read'))
    assert.deepEqual(await permissions(scene.request(session, 'GET', '/api/v1/tenant')), reading)
    await scene.raise(session.id)
    assert.deepEqual(await permissions(scene.request(session, 'GET', '/api/v1/tenant')), await theirs)
    assert.equal((await scene.request(session, 'GET', '/api/v1/keys')).status, 403)
    await endByOwner(session)
  })

  test('nothing can be changed until the organisation has agreed to that, too', async () => {
    const session = await scene.open()
    const create = (headers = {}) =>
      scene.request(session, 'POST', '/api/v1/projects', { body: { name: 'By support' }, headers })
    assert.equal(codeOf(await create()), '403 support.read_only')
    const path = `${scene.path}/${session.id}/raise`
    await scene.atlas.ask('POST', path, { ...staff, body: { reason: 'They asked for it' } })
    const wish = await scene.atlas.ask<Session>('GET', `${scene.path}/${session.id}`, staff)
    assert.equal(wish.mayWrite, false)
    assert.equal(codeOf(await create()), '403 support.read_only')
    const approve = `/api/v1/support-sessions/${session.id}/approve`
    assert.equal(
      codeOf(await scene.atlas.request('POST', approve, { ...owner, body: {} })),
      '409 support.nothing_waits',
      'who agrees to a session has not agreed to changes',
    )
    await scene.atlas.ask('POST', approve, { ...owner, body: { raise: true } })
    assert.equal((await create()).status, 201)
    await endByOwner(session)
  })

  test('both are on record: who of the staff acted, and as which member; reads, too', async () => {
    const session = await scene.open()
    await scene.raise(session.id)
    const { body } = await scene.request(session, 'POST', '/api/v1/projects', { body: { name: 'Recorded twice' } })
    const projectId = (body as { id: string }).id
    await scene.request(session, 'GET', `/api/v1/projects/${projectId}`)
    const { items } = await scene.atlas.ask<{
      items: {
        operation: string
        via: string
        actor: { kind: string; name: string; id: string; onBehalfOf: string | null }
        after: object
      }[]
    }>('GET', '/api/v1/audit-events?limit=20', owner)
    const ofSession = items.filter(({ via, operation }) => via === 'support' && operation.startsWith('projects.'))
    assert.deepEqual(
      new Set(ofSession.map(({ operation }) => operation)),
      new Set(['projects.create', 'projects.read']),
    )
    const { userId } = (
      await rowsOf(
        scene.atlas.databases.controlUrl,
        `select u.id as "userId" from identity.users u where email = 'owner@acme.test'`,
      )
    )[0] as { userId: string }
    for (const { actor } of ofSession) {
      assert.deepEqual([actor.kind, actor.name, actor.onBehalfOf], ['support', 'Tenantry Staff', userId])
      assert.notEqual(actor.id, userId)
    }
    const [looked] = ofSession.filter(({ operation }) => operation === 'projects.read')
    assert.deepEqual(looked?.after, { operation: 'projects.read', resource: 'project', id: projectId })
    await endByOwner(session)
  })

  test('secrets, exports, roles, and everything outside the organisation are out of reach, raised or not', async () => {
    const session = await scene.open()
    await scene.raise(session.id)
    const never = scene.atlas.installation.operations.filter(({ support }) => support === 'never')
    const mustBe = ['keys.create', 'audit.export', 'members.changeRole', 'invitations.accept', 'me.changePassword']
    for (const name of mustBe)
      assert.ok(
        never.some((each) => each.name === name),
        name,
      )
    for (const operation of never) {
      if (operation.permission === 'public') continue
      const { method, path, body } = requestFor(operation, smallestInput(operation))
      const reply = await scene.request(session, method, path, body === undefined ? {} : { body })
      const expected = operation.permission === 'staff' ? '403 request.forbidden' : '403 support.forbidden'
      assert.equal(codeOf(reply), expected, operation.name)
    }
    await endByOwner(session)
  })

  test('a key of the member’s for repeating a request is not the session’s', async () => {
    const session = await scene.open()
    await scene.raise(session.id)
    const [body, headers] = [{ name: 'Twice' }, { 'idempotency-key': newId() }]
    const one = await scene.atlas.request('POST', '/api/v1/projects', { ...owner, body, headers })
    const other = await scene.request(session, 'POST', '/api/v1/projects', { body, headers })
    assert.equal(other.status, 201)
    assert.notEqual((one.body as { id: string }).id, (other.body as { id: string }).id)
    await endByOwner(session)
  })
})

describe('the way out', () => {
  test('is shut by the clock', async () => {
    const session = await scene.open('owner@acme.test', 5)
    scene.atlas.clock.aheadMs = 5 * 60_000 + 1_000
    assert.equal(codeOf(await read(session)), '403 support.session_over')
    const { state, endedBy } = await scene.atlas.ask<Session>('GET', `${scene.path}/${session.id}`, staff)
    assert.deepEqual([state, endedBy], ['ended', null])
    scene.atlas.clock.aheadMs = 0
  })

  test('is shut at once by the organisation, and by staff', async () => {
    const [one, other] = [await scene.open(), await scene.open()]
    await endByOwner(one)
    assert.equal(codeOf(await read(one)), '403 support.session_over')
    await scene.atlas.ask('POST', `${scene.path}/${other.id}/end`, { ...staff, body: {} })
    assert.equal(codeOf(await read(other)), '403 support.session_over')
    assert.equal(
      codeOf(
        await scene.atlas.request('POST', `${scene.path}/${one.id}/raise`, { ...staff, body: { reason: 'Late' } }),
      ),
      '409 support.not_open',
    )
  })

  test('and with the member, whoever they are: who was removed lets nobody in', async () => {
    const session = await scene.open('member@acme.test')
    const { items } = await scene.atlas.ask<{ items: { id: string; email: string }[] }>('GET', '/api/v1/members', owner)
    const id = items.find(({ email }) => email === 'member@acme.test')?.id
    await scene.atlas.ask('DELETE', `/api/v1/members/${id}`, owner)
    assert.equal(codeOf(await read(session)), '404 tenant.not_found')
  })
})
