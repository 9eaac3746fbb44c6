import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import type { Operation } from '../../platform/src/kernel/operation.ts'
import { rowsOf } from '../database.ts'
import { type Asking, TestInstallation } from '../installation.ts'
import { goodCall } from '../operations/prerequisites.ts'
import { requestFor } from '../operations/samples.ts'
import { anySteps, ModelRun } from './model.ts'

/** What deleting, restoring and deleting for good promise, for every kind of record that has a trash. */

interface Trashed {
  readonly id: string
  readonly resource: string
  readonly name: string
  readonly deletedAt: string
  readonly deletedById: string | null
  readonly purgeAfter: string
  readonly version: number
}
type Fields = Record<string, unknown> & { id: string }

const owner = { as: 'owner@acme.test', tenant: 'acme' }
const guest = { as: 'viewer@acme.test', tenant: 'acme' }
const dayMs = 86_400_000

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start()
})
after(() => atlas.stop())

const ask = <Body>(method: string, path: string, body?: object, as: Asking = owner) =>
  atlas.ask<Body>(method, `/api/v1${path}`, { ...as, ...(body && { body }) })

/** Status and, where it is a failure, its code. */
async function outcome(method: string, path: string, body?: object, as: Asking = owner): Promise<string> {
  const reply = await atlas.request(method, `/api/v1${path}`, { ...as, ...(body && { body }) })
  const { code } = (reply.body ?? {}) as { code?: string }
  return code === undefined ? String(reply.status) : `${reply.status} ${code}`
}

const project = async (name: string, fields: object = {}) =>
  (await ask<Fields>('POST', '/projects', { name, ...fields })).id
const task = async (projectId: string, title: string) => (await ask<Fields>('POST', '/tasks', { projectId, title })).id
const trash = async (query = '', as: Asking = owner) =>
  (await ask<{ items: Trashed[] }>('GET', `/trash?limit=100&${query}`, undefined, as)).items
const inTrash = async (id: string, as: Asking = owner) => (await trash('', as)).some((each) => each.id === id)

/** Kinds of records with a trash, each with its operations. */
function kinds(): { resource: string; table: string; on: (action: string) => Operation }[] {
  const declared = atlas.installation.modules.flatMap(({ resources }) => Object.entries(resources))
  return declared.flatMap(([resource, { table, trash: facts }]) => {
    const on = (action: string) => {
      const found = atlas.installation.operations.find(
        ({ permission, path }) => permission === `${resource}:${action}` && path.includes('{id}'),
      )
      return found ?? assert.fail(`no operation asks for ${resource}:${action} of one record`)
    }
    return facts ? [{ resource, table, on }] : []
  })
}

const send = (operation: Operation, input: Record<string, unknown>) => {
  const { method, path, body } = requestFor(operation, input)
  return atlas.request(method, path, { ...owner, ...(body === undefined ? {} : { body }) })
}

describe('every kind of record with a trash', () => {
  test('is hidden when it is deleted, has its day, and comes back as it was under its id', async () => {
    assert.ok(kinds().length >= 2)
    const { id: me } = await ask<{ id: string }>('GET', '/me')
    for (const { resource, on } of kinds()) {
      const { input } = await goodCall(atlas, on('read'))
      const { body: record } = (await send(on('read'), input)) as { body: Fields }
      assert.equal((await send(on('delete'), input)).status, 204, resource)
      assert.equal((await send(on('read'), input)).status, 404, resource)
      assert.equal((await send(on('delete'), input)).status, 404, resource)
      const found = (await trash(`resource=${resource}`)).find(({ id }) => id === record.id)
      assert.ok(found, resource)
      assert.deepEqual([found.resource, found.deletedById], [resource, me])
      assert.equal(Date.parse(found.purgeAfter) - Date.parse(found.deletedAt), 30 * dayMs)
      assert.equal((await send(on('restore'), { ...input, name: undefined })).status, 200, resource)
      assert.equal((await send(on('restore'), input)).status, 404, resource)
      const { body: restored } = (await send(on('read'), input)) as { body: Fields }
      const unchanged = { updatedAt: restored['updatedAt'], version: Number(record['version']) + 2 }
      assert.deepEqual(restored, { ...record, ...unchanged }, resource)
      assert.equal(await inTrash(record.id), false)
    }
  })

  test('is deleted for good only with its name typed, only from the trash, and only once', async () => {
    for (const { resource, table, on } of kinds()) {
      const { input } = await goodCall(atlas, on('read'))
      const { id } = input as { id: string }
      const purge = async (confirm: string) => {
        const { status, body } = await send(on('purge'), { ...input, confirm })
        return `${status} ${(body as { code?: string }).code ?? ''}`.trim()
      }
      assert.equal(await purge('whatever'), '404 resource.not_found', resource)
      await send(on('delete'), input)
      const { name, version } = (await trash()).find((each) => each.id === id) as Trashed
      for (const wrong of [name.toUpperCase(), `${name} `, name.slice(1)])
        assert.equal(await purge(wrong), '422 trash.name_not_confirmed', resource)
      assert.equal((await trash()).find((each) => each.id === id)?.version, version)
      const twins = await Promise.all(Array.from({ length: 4 }, () => purge(name)))
      assert.deepEqual(
        twins.toSorted(),
        ['204', ...Array.from({ length: 3 }, () => '404 resource.not_found')],
        resource,
      )
      const rows = await rowsOf(atlas.databases.cellUrl, `select from pool.${table} where id = $1`, [id])
      assert.equal(rows.length, 0, resource)
      assert.equal((await send(on('restore'), input)).status, 404, resource)
      const { items } = await ask<{ items: { event: string; before: Fields }[] }>(
        'GET',
        `/audit-events?resourceId=${id}`,
      )
      assert.equal(items[0]?.event, `${resource}.purged`)
    }
  })

  test('has the columns and the index that the trash goes by, and nothing hangs on it that would keep it there', async () => {
    const url = atlas.databases.cellUrl
    for (const { resource, table } of kinds()) {
      const columns = await rowsOf(
        url,
        `select from information_schema.columns where table_schema = 'pool' and table_name = $1
          and column_name in ('deleted_at', 'deleted_by', 'purge_after', 'updated_at', 'version')`,
        [table],
      )
      assert.equal(columns.length, 5, resource)
      const indexes = await rowsOf(
        url,
        "select from pg_indexes where schemaname = 'pool' and tablename = $1 and indexdef like '%(tenant_id, deleted_at, id)%'",
        [table],
      )
      assert.equal(indexes.length, 1, resource)
      const hanging = await rowsOf(
        url,
        `select conrelid::regclass::text as "table", pg_get_constraintdef(oid) as "key" from pg_constraint
          where contype = 'f' and confrelid = $1::regclass and confdeltype not in ('c', 'n', 'd')`,
        [`pool.${table}`],
      )
      const parts = atlas.installation.modules
        .flatMap(({ resources }) => Object.values(resources))
        .flatMap((each) => (each.parent?.resource === resource ? [`pool.${each.table} ${each.parent.column}`] : []))
      for (const { table: from, key } of hanging) {
        const isPart = parts.some((part) => `${String(from)} ${/\(tenant_id, (\w+)\)/.exec(String(key))?.[1]}` === part)
        assert.ok(isPart, `${String(from)} ${String(key)} keeps a ${resource} from being deleted for good`)
      }
    }
  })
})

describe('what is part of a deleted record', () => {
  test('is gone and comes back with it; what was deleted before stays in the trash', async () => {
    const id = await project('With tasks')
    const [kept, before] = [await task(id, 'Kept'), await task(id, 'Deleted before')]
    await ask('DELETE', `/tasks/${before}`)
    await ask('DELETE', `/projects/${id}`)
    for (const each of [kept, before]) {
      assert.equal(await outcome('GET', `/tasks/${each}`), '404 resource.not_found')
      assert.equal(await outcome('POST', `/tasks/${each}/restore`), '404 resource.not_found')
      assert.equal(await inTrash(each), false)
    }
    const { items } = await ask<{ items: Fields[] }>('GET', `/tasks?projectId=${id}&limit=100`)
    assert.deepEqual(items, [])
    await ask('POST', `/projects/${id}/restore`)
    assert.equal((await ask<Fields>('GET', `/tasks/${kept}`))['version'], 1)
    assert.equal((await ask<Fields>('GET', `/projects/${id}`))['tasks'], 1)
    assert.deepEqual([await inTrash(kept), await inTrash(before)], [false, true])
  })

  test('is deleted for good with it, and so are the roles that were given for it', async () => {
    const id = await project('With a role')
    const part = await task(id, 'With a role, too')
    const roleId = (await ask<Fields>('POST', '/roles', { name: 'Of a record', permissions: [] })).id
    const principalId = await accountOf(guest.as)
    const given = [
      { kind: 'record', resource: 'project', id },
      { kind: 'record', resource: 'task', id: part },
    ].map((scope) => ask<Fields>('POST', '/assignments', { principalId, roleId, scope }))
    assert.equal((await Promise.all(given)).length, 2)
    await ask('DELETE', `/projects/${id}`)
    await ask('POST', `/projects/${id}/purge`, { confirm: 'With a role' })
    const rows = await rowsOf(
      atlas.databases.cellUrl,
      'select id from pool.tasks where project_id = $1 union all select id from pool.role_assignments where scope_id in ($1, $2)',
      [id, part],
    )
    assert.deepEqual(rows, [])
  })

  test('is all there when deleting it for good fails half-way', async () => {
    const id = await project('Held fast')
    for (const title of ['One', 'Two']) await task(id, title)
    await ask('DELETE', `/projects/${id}`)
    const url = atlas.databases.superuserUrl.replace(/\/[^/]*$/, new URL(atlas.databases.cellUrl).pathname)
    await rowsOf(
      url,
      'create table pool.hooks (tenant_id uuid, project_id uuid, foreign key (tenant_id, project_id) references pool.projects (tenant_id, id))',
    )
    await rowsOf(url, 'insert into pool.hooks select tenant_id, id from pool.projects where id = $1', [id])
    try {
      assert.equal(await outcome('POST', `/projects/${id}/purge`, { confirm: 'Held fast' }), '500 platform.unexpected')
    } finally {
      await rowsOf(url, 'drop table pool.hooks')
    }
    await ask('POST', `/projects/${id}/restore`)
    assert.equal((await ask<Fields>('GET', `/projects/${id}`))['tasks'], 2)
  })
})

describe('a name that is taken meanwhile', () => {
  test('is asked about, and the answer is given in the same request', async () => {
    const id = await project('Twice')
    await ask('DELETE', `/projects/${id}`)
    await project('Twice')
    const refused = await atlas.request('POST', `/api/v1/projects/${id}/restore`, owner)
    const { code, errors } = refused.body as { code: string; errors: { pointer: string; code: string }[] }
    assert.deepEqual(
      [refused.status, code, errors[0]?.pointer, errors[0]?.code],
      [409, 'trash.name_taken', '#/name', 'taken'],
    )
    assert.equal(await inTrash(id), true)
    for (const name of ['', ' ', 'x'.repeat(121), 7])
      assert.equal(await outcome('POST', `/projects/${id}/restore`, { name }), '400 request.invalid')
    const restored = await ask<Fields>('POST', `/projects/${id}/restore`, { name: 'Once more' })
    assert.deepEqual([restored.id, restored['name']], [id, 'Once more'])
    assert.equal((await ask<Fields>('GET', `/projects/${id}`))['name'], 'Once more')
  })

  test('is kept by whoever says so: undoing a deletion brings back one of two of a name', async () => {
    const [id] = [await project('Two of a name'), await project('Two of a name')]
    await ask('DELETE', `/projects/${id}`)
    assert.equal(await outcome('POST', `/projects/${id}/restore`, { name: 'Two of a name' }), '200')
  })

  test('is asked about by the second of two that are restored at the same moment', async () => {
    const ids = [await project('Both at once'), await project('Both at once'), await project('Both at once')]
    for (const id of ids) await ask('DELETE', `/projects/${id}`)
    const restored = await Promise.all(ids.map((id) => outcome('POST', `/projects/${id}/restore`)))
    assert.deepEqual(restored.toSorted(), ['200', '409 trash.name_taken', '409 trash.name_taken'])
  })
})

describe('the trash shows what somebody may restore, and nothing else', () => {
  test('a role that may only delete neither sees nor restores nor deletes for good', async () => {
    const [mine, other] = [await project('Of the guest'), await project('Of others')]
    const principalId = await accountOf(guest.as)
    const give = async (name: string, permissions: string[], scope: object) => {
      const given = permissions.map((permission) => ({ permission }))
      const roleId = (await ask<Fields>('POST', '/roles', { name, permissions: given })).id
      await ask('POST', '/assignments', { principalId, roleId, scope })
    }
    const { items } = await ask<{ items: { id: string; userId: string }[] }>('GET', '/members?limit=100')
    const memberId = items.find(({ userId }) => userId === principalId)?.id
    await ask('PATCH', `/members/${memberId}`, { role: 'guest' })
    await give('Deletes', ['project:read', 'project:delete'], { kind: 'tenant' })
    for (const id of [mine, other]) await ask('DELETE', `/projects/${id}`, undefined, guest)
    assert.deepEqual(await trash('', guest), [])
    for (const [action, body] of [
      ['restore', {}],
      ['purge', { confirm: 'Of the guest' }],
    ] as const)
      assert.equal(await outcome('POST', `/projects/${mine}/${action}`, body, guest), '403 request.forbidden')
    await give('Restores one', ['project:restore'], { kind: 'record', resource: 'project', id: mine })
    assert.deepEqual(
      (await trash('', guest)).map(({ id }) => id),
      [mine],
    )
    assert.equal(await outcome('POST', `/projects/${other}/restore`, {}, guest), '404 resource.not_found')
    assert.equal(await outcome('POST', `/projects/${mine}/restore`, {}, guest), '200')
  })

  test('a member restores, and only an owner or administrator deletes for good', async () => {
    const id = await project('Of a member')
    await ask('DELETE', `/projects/${id}`)
    const member = { as: 'member@acme.test', tenant: 'acme' }
    assert.equal(await inTrash(id, member), true)
    const body = { confirm: 'Of a member' }
    assert.equal(await outcome('POST', `/projects/${id}/purge`, body, member), '403 request.forbidden')
    assert.equal(await outcome('POST', `/projects/${id}/purge`, body, { ...member, as: 'admin@acme.test' }), '204')
  })

  test('another organisation has its own', async () => {
    const id = await project('Of acme')
    await ask('DELETE', `/projects/${id}`)
    const globex = { as: 'owner@globex.test', tenant: 'globex' }
    assert.deepEqual(await trash('', globex), [])
    for (const [action, body] of [
      ['restore', {}],
      ['purge', { confirm: 'Of acme' }],
    ] as const)
      assert.equal(await outcome('POST', `/projects/${id}/${action}`, body, globex), '404 resource.not_found')
    assert.equal(await inTrash(id), true)
  })

  test('narrowed by kind and by the day, and page by page over all kinds', async () => {
    const ids: string[] = []
    const of = await project('Of many tasks')
    for (let number = 1; number <= 3; number++) {
      const made = [await project(`Paged ${number}`), await task(of, `Paged task ${number}`)]
      await ask('DELETE', `/projects/${made[0]}`)
      await ask('DELETE', `/tasks/${made[1]}`)
      ids.unshift(...made.toReversed())
    }
    const walked: string[] = []
    for (let cursor = ''; walked.length < 6; ) {
      const page = await ask<{ items: Trashed[]; nextCursor: string }>('GET', `/trash?limit=2${cursor}`)
      walked.push(...page.items.map(({ id }) => id))
      cursor = `&cursor=${page.nextCursor}`
    }
    assert.deepEqual(walked, ids)
    assert.ok((await trash('resource=task')).every(({ resource }) => resource === 'task'))
    assert.deepEqual(await trash('resource=nothing'), [])
    assert.deepEqual(await trash(`purgedBefore=${new Date().toISOString()}`), [])
    const inAMonth = new Date(Date.now() + 31 * dayMs).toISOString()
    assert.equal((await trash(`purgedBefore=${inAMonth}`)).length, (await trash()).length)
    for (const query of ['resource=Projects!', 'purgedBefore=tomorrow', 'sort=name', 'deleted=true'])
      assert.equal(await outcome('GET', `/trash?${query}`), '400 request.invalid', query)
  })
})

test('whatever is deleted, restored and deleted for good, in any order: what must be there is there, and nothing else', async () => {
  const property = fc.asyncProperty(anySteps, async (steps) => {
    const run = new ModelRun(atlas)
    for (const step of steps) await run.take(step)
    await run.compare()
    await run.end()
  })
  await fc.assert(property, { numRuns: 10 })
})

async function accountOf(email: string): Promise<string> {
  const { items } = await ask<{ items: { userId: string; email: string }[] }>('GET', '/members?limit=100')
  return items.find((each) => each.email === email)?.userId ?? ''
}
