import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { pageSql } from '../../platform/src/kernel/database/page.ts'
import { sql } from '../../platform/src/kernel/database/statement.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { module } from '../../platform/src/kernel/module.ts'
import { list } from '../../platform/src/kernel/operation.ts'
import { id, instant, z } from '../../platform/src/kernel/schema.ts'
import { AccessScene, guest, owner } from './scene.ts'

/** Roles that reach less than the organisation: a team's records, single ones, or those that a condition allows. */

const forgetful = module({
  name: 'forgetful',
  operations: [
    list({
      name: 'forgetful.list',
      summary: 'Lists projects and narrows nothing',
      http: 'GET /forgetful-projects',
      item: z.object({ id: id(), createdAt: instant() }),
      sort: ['createdAt'],
      permission: 'project:read',
      run: (ctx, page) =>
        ctx.db.all(sql`select id, created_at from projects where tenant_id = ${ctx.tenant.id}
          ${pageSql(page, { createdAt: 'created_at' })}`),
    }),
  ],
})

let scene: AccessScene
let reader: string
let worker: string
before(async () => {
  scene = await AccessScene.make([forgetful])
  reader = await scene.role('Reader', ['project:read', 'task:read'])
  worker = await scene.role('Worker', ['project:read', 'project:update', 'task:read', 'task:create', 'task:update'])
})
after(() => scene.atlas.stop())

const onProject = (id: string) => ({ kind: 'record', resource: 'project', id })

describe('a role on single records', () => {
  test('shows these in lists, and nothing of the others: neither rows nor whether they are there', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, (_, index) => scene.project({ name: `Project ${index}` })))
    const mine = all.slice(0, 3)
    const assignments = await Promise.all(mine.map((id) => scene.give(reader, onProject(id))))
    assert.deepEqual(await scene.seen(), mine.toSorted())
    const { permissions, somewhere } = await scene.atlas.ask<{ permissions: string[]; somewhere: string[] }>(
      'GET',
      '/api/v1/tenant',
      guest,
    )
    const reads = [permissions, somewhere].map((held) => held.includes('project:read'))
    assert.deepEqual(reads, [false, true], 'pages offer the list, which shows these')
    for (const id of mine) assert.equal(await scene.outcome('GET', `/projects/${id}`, guest), '200')
    const hidden = await scene.request('GET', `/projects/${all[5]}`, guest)
    const missing = await scene.request('GET', `/projects/${newId()}`, guest)
    assert.deepEqual([hidden.status, missing.status], [404, 404])
    const comparable = ({ body }: { body: unknown }) => ({ ...(body as object), requestId: '', instance: '' })
    assert.deepEqual(comparable(hidden), comparable(missing))
    assert.equal(await scene.outcome('DELETE', `/projects/${mine[0]}`, guest), '403 request.forbidden')
    for (const assignment of assignments) await scene.withdraw(assignment)
    assert.equal(await scene.outcome('GET', '/projects', guest), '403 request.forbidden')
  })

  test('reaches what is part of them', async () => {
    const [mine, other] = [await scene.project(), await scene.project()]
    const task = (projectId: string, asking = owner) =>
      scene.request('POST', '/tasks', { ...asking, body: { projectId, title: 'A task' } })
    const taskOf = async (projectId: string) => ((await task(projectId)).body as { id: string }).id
    const [here, there] = [await taskOf(mine), await taskOf(other)]
    const assignment = await scene.give(worker, onProject(mine))
    const { items } = await scene.atlas.ask<{ items: { id: string }[] }>('GET', '/api/v1/tasks', guest)
    assert.deepEqual(
      items.map(({ id }) => id),
      [here],
    )
    const change = { ...guest, body: { title: 'Changed' } }
    assert.equal(await scene.outcome('PATCH', `/tasks/${here}`, change), '200')
    assert.equal(await scene.outcome('PATCH', `/tasks/${there}`, change), '404 resource.not_found')
    assert.equal((await task(mine, guest)).status, 201)
    assert.equal((await task(other, guest)).status, 404)
    await scene.withdraw(assignment)
  })

  test('is refused for records and kinds that are not there, for strangers, and twice', async () => {
    const give = (body: object) =>
      scene.request('POST', '/assignments', { ...owner, body: { roleId: reader, ...body } })
    const wrong: [object, string][] = [
      [{ principalId: scene.guestId, scope: onProject(newId()) }, '#/scope/id'],
      [{ principalId: scene.guestId, scope: { kind: 'record', resource: 'member', id: newId() } }, '#/scope/resource'],
      [{ principalId: scene.guestId, scope: { kind: 'team', id: newId() } }, '#/scope/id'],
      [{ principalId: newId() }, '#/principalId'],
      [{ principalId: scene.guestId, expiresAt: '2020-01-01T00:00:00.000Z' }, '#/expiresAt'],
      [{ principalId: scene.guestId, roleId: newId() }, '#/roleId'],
    ]
    for (const [body, pointer] of wrong) {
      const { status, body: problem } = await give(body)
      const { code, errors } = problem as { code: string; errors: { pointer: string }[] }
      assert.deepEqual([status, code, errors[0]?.pointer], [422, 'assignment.not_assignable', pointer])
    }
    const scope = onProject(await scene.project())
    const first = await give({ principalId: scene.guestId, scope })
    assert.equal(first.status, 201)
    assert.equal((await give({ principalId: scene.guestId, scope })).status, 409)
    await scene.withdraw((first.body as { id: string }).id)
  })
})

test('a list that forgets to narrow itself is an error for whoever may see a part, and shows the rest to nobody', async () => {
  const projectId = await scene.project()
  const assignment = await scene.give(reader, onProject(projectId))
  const reply = await scene.request('GET', '/forgetful-projects', guest)
  assert.deepEqual([reply.status, (reply.body as { code: string }).code], [500, 'platform.unexpected'])
  assert.equal(await scene.outcome('GET', '/forgetful-projects', owner), '200')
  await scene.withdraw(assignment)
})

describe('a role on a team', () => {
  test('reaches what belongs to the team, and follows it', async () => {
    const { id: teamId } = await scene.atlas.ask<{ id: string }>('POST', '/api/v1/teams', {
      ...owner,
      body: { name: 'North' },
    })
    const [ours, theirs] = [await scene.project({ teamId }), await scene.project()]
    const assignment = await scene.give(worker, { kind: 'team', id: teamId })
    const rename = (id: string) => scene.outcome('PATCH', `/projects/${id}`, { ...guest, body: { name: 'Renamed' } })
    assert.deepEqual([await rename(ours), await rename(theirs)], ['200', '404 resource.not_found'])
    assert.ok((await scene.seen()).includes(ours))
    await scene.atlas.ask('PATCH', `/api/v1/projects/${theirs}`, { ...owner, body: { teamId } })
    await scene.atlas.ask('PATCH', `/api/v1/projects/${ours}`, { ...owner, body: { teamId: null } })
    assert.deepEqual([await rename(ours), await rename(theirs)], ['404 resource.not_found', '200'])
    const task = await scene.atlas.ask<{ id: string }>('POST', '/api/v1/tasks', {
      ...guest,
      body: { projectId: theirs, title: 'Of the team' },
    })
    assert.equal(await scene.outcome('GET', `/tasks/${task.id}`, guest), '200')
    await scene.atlas.ask('DELETE', `/api/v1/teams/${teamId}`, owner)
    const { items } = await scene.atlas.ask<{ items: { id: string }[] }>(
      'GET',
      `/api/v1/assignments?scopeId=${teamId}`,
      owner,
    )
    assert.deepEqual(items, [], `${assignment} went with the team`)
    const project = await scene.atlas.ask<{ teamId: string | null }>('GET', `/api/v1/projects/${theirs}`, owner)
    assert.equal(project.teamId, null)
  })

  test('is looked after by its leads, and by nobody else', async () => {
    const { id: teamId } = await scene.atlas.ask<{ id: string }>('POST', '/api/v1/teams', {
      ...owner,
      body: { name: 'South' },
    })
    const member = { as: 'member@acme.test', tenant: 'acme' }
    const { items } = await scene.atlas.ask<{ items: { userId: string; email: string }[] }>(
      'GET',
      '/api/v1/members',
      owner,
    )
    const memberId = items.find(({ email }) => email === member.as)?.userId ?? ''
    const add = (asking: object) =>
      scene.outcome('POST', `/teams/${teamId}/members`, { ...asking, body: { principalId: scene.guestId } })
    assert.equal(await add(member), '403 team.not_lead')
    const lead = { principalId: memberId, isLead: true }
    await scene.atlas.ask('POST', `/api/v1/teams/${teamId}/members`, { ...owner, body: lead })
    assert.equal(await add(member), '201')
    assert.equal(await add(member), '409 team.already_member')
    assert.equal(await scene.outcome('DELETE', `/teams/${teamId}/members/${memberId}`, guest), '403 team.not_lead')
    assert.equal(await scene.outcome('DELETE', `/teams/${teamId}/members/${scene.guestId}`, guest), '204', 'they leave')
  })
})

describe('a condition', () => {
  test('on the record narrows the list and each single one alike', async () => {
    const [open, done] = [await scene.project({ state: 'onTrack' }), await scene.project({ state: 'delivered' })]
    const condition = [{ record: 'state', in: ['onTrack', 'planned'] }]
    const roleId = await scene.role('Only what is open', [{ permission: 'project:read', condition }])
    const assignment = await scene.give(roleId)
    const seen = await scene.seen()
    assert.deepEqual([seen.includes(open), seen.includes(done)], [true, false])
    assert.equal(await scene.outcome('GET', `/projects/${open}`, guest), '200')
    assert.equal(await scene.outcome('GET', `/projects/${done}`, guest), '404 resource.not_found')
    await scene.withdraw(assignment)
  })

  test('that a record is the own one needs no call site to know of it', async () => {
    const mine = [{ record: 'ownerId', is: 'actor' }]
    const roleId = await scene.role('Own projects', [
      'project:create',
      { permission: 'project:read', condition: mine },
      { permission: 'project:update', condition: mine },
    ])
    const assignment = await scene.give(roleId)
    const [own, foreign] = [await scene.project({}, guest), await scene.project()]
    assert.ok((await scene.seen()).includes(own))
    assert.equal((await scene.seen()).includes(foreign), false)
    const rename = (id: string) => scene.outcome('PATCH', `/projects/${id}`, { ...guest, body: { name: 'Mine' } })
    assert.deepEqual([await rename(own), await rename(foreign)], ['200', '404 resource.not_found'])
    await scene.withdraw(assignment)
  })

  test('on network and time opens or shuts the whole', async () => {
    const projectId = await scene.project()
    const at = (from: string, until: string) => ({ time: { from, until, zone: 'UTC' } })
    const cases: [object[], string][] = [
      [[{ network: ['127.0.0.0/8'] }], '200'],
      [[{ network: ['10.0.0.0/8'] }], '403 request.forbidden'],
      [[at('00:00', '00:00')], '200'],
      [[{ network: ['127.0.0.0/8'] }, { actor: 'emailDomain', in: ['elsewhere.test'] }], '403 request.forbidden'],
      [
        [
          { actor: 'emailDomain', in: ['acme.test'] },
          { actor: 'kind', in: ['person'] },
        ],
        '200',
      ],
    ]
    for (const [index, [condition, expected]] of cases.entries()) {
      const roleId = await scene.role(`Case ${index}`, [{ permission: 'project:read', condition }])
      const assignment = await scene.give(roleId)
      assert.equal(await scene.outcome('GET', `/projects/${projectId}`, guest), expected, JSON.stringify(condition))
      await scene.withdraw(assignment)
    }
  })
})

describe('an assignment with an end', () => {
  test('ends by itself, and its holder stays a member', async () => {
    const projectId = await scene.project()
    const expiresAt = new Date(Date.now() + 60_000).toISOString()
    const assignment = await scene.give(reader, { kind: 'tenant' }, expiresAt)
    assert.equal(await scene.outcome('GET', `/projects/${projectId}`, guest), '200')
    scene.atlas.clock.aheadMs = 61_000
    assert.equal(await scene.outcome('GET', `/projects/${projectId}`, guest), '403 request.forbidden')
    assert.equal(await scene.outcome('GET', '/tenant', guest), '200')
    scene.atlas.clock.aheadMs = 0
    await scene.withdraw(assignment)
  })
})

test('the explanation says what a request would be told, and which assignment decides', async () => {
  const [mine, other] = [await scene.project(), await scene.project()]
  const assignment = await scene.give(worker, onProject(mine))
  const explain = (recordId: string, permission = 'project:update') =>
    scene.atlas.ask<{ allowed: boolean; assignments: { id: string; reason: string }[] }>(
      'GET',
      `/api/v1/access/explanation?principalId=${scene.guestId}&permission=${permission}&resource=project&recordId=${recordId}`,
      owner,
    )
  const granted = await explain(mine)
  assert.deepEqual(
    [granted.allowed, granted.assignments[0]?.id, granted.assignments[0]?.reason],
    [true, assignment, 'granted'],
  )
  const refused = await explain(other)
  assert.equal(refused.allowed, false)
  assert.equal(refused.assignments.find(({ id }) => id === assignment)?.reason, 'elsewhere')
  const never = await explain(mine, 'project:delete')
  assert.deepEqual(
    [never.allowed, new Set(never.assignments.map(({ reason }) => reason))],
    [false, new Set(['notIncluded'])],
  )
  const about = (query: string) =>
    scene.outcome('GET', `/access/explanation?principalId=${scene.guestId}&${query}`, owner)
  assert.equal(await about('permission=project:fly'), '422 role.unknown_permission', 'a slip is no refusal')
  assert.equal(await about('permission=project:read&address=here'), '400 request.invalid')
  await scene.withdraw(assignment)
})
