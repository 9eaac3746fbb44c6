import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { addressOf, type Operation } from '../../platform/src/kernel/operation.ts'
import { TestInstallation } from '../installation.ts'

/** What every list promises: each record once, page by page, and cursors that open nothing else. */

interface Page {
  readonly items: Record<string, unknown>[]
  readonly nextCursor: string | null
}

const owner = { as: 'owner@acme.test', tenant: 'acme' }
const staff = { as: 'staff@tenantry.test' }
const recordsEach = 5

let atlas: TestInstallation
let lists: readonly Operation[]
before(async () => {
  atlas = await TestInstallation.start()
  const { id: tenantId } = await atlas.ask<{ id: string }>('GET', '/api/v1/tenant', owner)
  lists = atlas.installation.operations
    .filter(({ list }) => list)
    .map((operation) => ({ ...operation, path: addressOf(operation).replace('{id}', tenantId) }))
  for (let number = 1; number <= recordsEach; number++) {
    const { id } = await create('/projects', { name: `Project ${number}`, state: number > 2 ? 'onTrack' : 'planned' })
    await create('/tasks', { projectId: id, title: `Task ${number}` })
    const deleted = await create('/tasks', { projectId: id, title: `Deleted task ${number}` })
    await atlas.ask('DELETE', `/api/v1/tasks/${deleted.id}`, owner)
    await create('/keys', { name: `Key ${number}`, scopes: ['project:read'] })
    await create('/service-accounts', { name: `Account ${number}` })
    await create('/invitations', { email: `guest${number}@example.test`, role: 'viewer' })
    await create('/tenants', { name: `Tenant ${number}` })
    await create('/roles', { name: `Role ${number}`, permissions: [] })
    await create('/teams', { name: `Team ${number}` })
    await create('/audit-streams', { name: `Stream ${number}`, url: 'https://collector.example.com/in' })
    await atlas.foundTenant(`bridge-${number}`, { model: 'bridge' })
    await askForSupport(number)
    await changeFlag(number)
  }
})
after(() => atlas.stop())

const create = (path: string, body: object) => atlas.ask<{ id: string }>('POST', `/api/v1${path}`, { ...owner, body })

async function askForSupport(number: number): Promise<void> {
  const { id } = await atlas.ask<{ id: string }>('GET', '/api/v1/tenant', owner)
  const body = { member: owner.as, reason: `For the list, ${number}`, ticket: 'T-1' }
  await atlas.ask('POST', `/api/v1/staff/tenants/${id}/support-sessions`, { ...staff, body })
}

/** Staff do something that is in no tenant's log. */
async function changeFlag(number: number): Promise<void> {
  const body = { state: 'rules', percentage: number, reason: `For the list, ${number}` }
  await atlas.ask('PUT', '/api/v1/staff/flags/projects.board', { ...staff, body })
}

/** Somebody who may read what is there. */
const readerOf = (path: string) => (path.startsWith('/api/v1/staff/') ? staff : owner)

function read(path: string, query: Record<string, string> = {}): Promise<Page> {
  return atlas.ask('GET', `${path}?${new URLSearchParams(query)}`, readerOf(path))
}

/** The ids of all pages, and what happens between two of them. */
async function walk(path: string, query: Record<string, string>, between = async () => {}): Promise<unknown[]> {
  const ids: unknown[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Page = await read(path, { ...query, limit: '2', ...(cursor === undefined ? {} : { cursor }) })
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor
    await between()
  }
  return ids
}

describe('every list', () => {
  test('gives each record once, in the same order by pages as at once, by every sort in both directions', async () => {
    assert.ok(lists.length >= 6)
    for (const { name, path, list } of lists) {
      for (const field of (list?.sort ?? []).map((sort) => sort.replace(/^-/, ''))) {
        const [up, down] = await Promise.all([field, `-${field}`].map((sort) => read(path, { sort, limit: '100' })))
        const ids = up?.items.map(({ id }) => id) ?? []
        assert.ok(ids.length >= 4, `${name} has ${ids.length} records`)
        assert.deepEqual(down?.items.map(({ id }) => id).toReversed(), ids, `${name} by ${field}`)
        assert.deepEqual(await walk(path, { sort: field }), ids, `${name} by ${field}`)
        assert.deepEqual(await walk(path, { sort: `-${field}` }), ids.toReversed(), `${name} by -${field}`)
        const instants = up?.items.map((item) => String(item[field])).filter((value) => /T.*Z$/.test(value)) ?? []
        assert.deepEqual(instants, instants.toSorted(), `${name} by ${field}`)
      }
    }
  })

  test('refuses a cursor of another tenant, another sort, another list, and one that was changed', async () => {
    for (const { name, path, list } of lists) {
      const { nextCursor } = await read(path, { limit: '1' })
      assert.ok(nextCursor !== null, name)
      const other = lists.find((each) => each.path !== path)?.path ?? ''
      const field = list?.sort[0]?.replace(/^-/, '') ?? ''
      const sort = list?.sort[0] === field ? `-${field}` : field
      const forged = (nextCursor.startsWith('A') ? 'B' : 'A') + nextCursor.slice(1)
      const reader = readerOf(path)
      const ofAnotherTenant = [path, nextCursor, { as: 'owner@globex.test', tenant: 'globex' }, ''] as const
      for (const [where, cursor, by, more] of [
        ...(reader === owner ? [ofAnotherTenant] : []),
        [path, nextCursor, reader, `&sort=${sort}`],
        [other, nextCursor, readerOf(other), ''],
        [path, forged, reader, ''],
      ] as const) {
        const reply = await atlas.request('GET', `${where}?limit=1&cursor=${cursor}${more}`, by)
        const { code, errors } = reply.body as { code: string; errors: { pointer: string }[] }
        assert.deepEqual([code, errors[0]?.pointer], ['request.invalid', '#/query/cursor'], `${name}: ${where} ${more}`)
      }
    }
  })

  test('gives the fields that are asked for, refuses unknown ones, and links to its next page', async () => {
    for (const { name, path } of lists) {
      const reader = readerOf(path)
      const { headers, body } = await atlas.request('GET', `${path}?limit=1&fields=id`, reader)
      const { items, nextCursor } = body as Page
      assert.deepEqual(Object.keys(items[0] ?? {}), ['id'], name)
      const next = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1] ?? ''
      assert.equal(new URL(next, atlas.url).searchParams.get('cursor'), nextCursor, name)
      assert.equal((await atlas.request('GET', next, reader)).status, 200, name)
      assert.equal((await atlas.request('GET', `${path}?fields=id,secret`, reader)).status, 400, name)
    }
  })
})

test('what is there from the first page on comes once, whatever is created and deleted meanwhile', async () => {
  const before = (await read('/api/v1/projects', { sort: 'createdAt', limit: '100' })).items.map(({ id }) => id)
  const met = await walk('/api/v1/projects', { sort: '-createdAt' }, async () => {
    await create('/projects', { name: 'Created meanwhile' })
    const { id } = await create('/projects', { name: 'Created and deleted meanwhile' })
    await atlas.ask('DELETE', `/api/v1/projects/${id}`, owner)
  })
  assert.deepEqual(met, before.toReversed())
})

test('filters narrow a list, a search finds part of a name, and what is deleted is in the trash only', async () => {
  const { items: planned } = await read('/api/v1/projects', { state: 'planned', search: 'project', limit: '100' })
  assert.deepEqual(planned.map(({ name }) => String(name)).toSorted(), ['Project 1', 'Project 2'])
  assert.deepEqual((await read('/api/v1/projects', { search: 'no such project' })).items, [])
  const { id } = planned[0] as { id: string }
  await atlas.ask('DELETE', `/api/v1/projects/${id}`, owner)
  const ids = async (query: Record<string, string>) =>
    (await read('/api/v1/projects', query)).items.map((item) => item['id'])
  assert.ok(!(await ids({ limit: '100' })).includes(id))
  assert.deepEqual(await ids({ deleted: 'true', search: 'Project' }), [id])
  const viewer = await atlas.request('GET', '/api/v1/projects?deleted=true', { as: 'viewer@acme.test', tenant: 'acme' })
  assert.equal(viewer.status, 403)
})

test('a record that is known already is not sent again', async () => {
  const { id } = await create('/projects', { name: 'Known' })
  const { headers } = await atlas.request('GET', `/api/v1/projects/${id}`, owner)
  const again = await atlas.request('GET', `/api/v1/projects/${id}`, {
    ...owner,
    headers: { 'if-none-match': headers.get('etag') ?? '' },
  })
  assert.deepEqual([again.status, again.body], [304, ''])
})

test('the audit log is narrowed by who, what, which record and when', async () => {
  const { id } = await create('/projects', { name: 'Audited' })
  const { items } = await read('/api/v1/audit-events', { resourceId: id })
  const [entry] = items as { at: string; actor: { id: string } }[]
  assert.ok(entry && items.length === 1)
  const count = async (query: Record<string, string>) =>
    (await read('/api/v1/audit-events', { resourceId: id, ...query })).items.length
  const after = new Date(Date.parse(entry.at) + 1).toISOString()
  for (const [query, found] of [
    [{ actorId: entry.actor.id }, 1],
    [{ actorId: id }, 0],
    [{ event: 'project.created' }, 1],
    [{ event: 'project.deleted' }, 0],
    [{ resource: 'project' }, 1],
    [{ resource: 'task' }, 0],
    [{ from: entry.at, until: after }, 1],
    [{ from: after }, 0],
    [{ until: entry.at }, 0],
  ] as const)
    assert.equal(await count(query), found, JSON.stringify(query))
})
