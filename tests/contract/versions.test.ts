import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from '../../platform/src/kernel/database/statement.ts'
import { notFound } from '../../platform/src/kernel/errors/platform-failures.ts'
import { module } from '../../platform/src/kernel/module.ts'
import { addressOf, list, operation } from '../../platform/src/kernel/operation.ts'
import { id, z } from '../../platform/src/kernel/schema.ts'
import { announcementOf } from '../../platform/src/kernel/surfaces/deprecation.ts'
import { registerRest } from '../../platform/src/kernel/surfaces/rest.ts'
import { createServer } from '../../platform/src/kernel/surfaces/server.ts'
import { registerReference } from '../../platform/src/pages/reference.ts'
import { TestInstallation } from '../installation.ts'

/** A second version of an operation lives beside the first, and callers of the first are told what comes and when. */

const permission = 'progress:read'
const deprecated = { since: '2026-11-01', sunset: '2027-05-01' }

/** What the first version calls `tasks` and `doneTasks`, the second has in one object. */
const readProgress = operation({
  name: 'progress.read',
  summary: 'Read how far a project is',
  http: 'GET /progress/{id}',
  deprecated: { ...deprecated, replacedBy: 'progress.read.v2' },
  input: { id: id() },
  output: z.object({ name: z.string() }),
  permission,
  errors: [notFound],
  run: async (ctx, { id: projectId }) =>
    (await ctx.db.first<{ name: string }>(
      sql`select name from projects where tenant_id = ${ctx.tenant.id} and id = ${projectId}`,
    )) ?? ctx.fail(notFound),
})

const readProgressV2 = operation({
  name: 'progress.read',
  version: 2,
  summary: 'Read how far a project is',
  http: 'GET /progress/{id}',
  input: { id: id() },
  output: z.object({ project: z.object({ name: z.string() }) }),
  permission,
  errors: [notFound],
  run: async (ctx, input) => ({ project: (await readProgress.run(ctx, input)) as { name: string } }),
})

const Item = z.object({ id: id(), createdAt: z.string() })
const listed = { summary: 'List projects', item: Item, sort: ['createdAt'] as const, permission } as const
const rows = [1, 2].map((number) => ({
  id: `018f2e8a-0000-7000-8000-00000000000${number}`,
  createdAt: `2026-01-0${number}`,
}))

const listProgress = list({
  ...listed,
  name: 'progress.list',
  http: 'GET /progress',
  deprecated: { ...deprecated, replacedBy: 'progress.list.v2' },
  run: async () => rows,
})
const listProgressV2 = list({
  ...listed,
  name: 'progress.list',
  http: 'GET /project-progress',
  version: 2,
  run: async () => rows,
})

const progress = module({
  name: 'progress',
  permissions: { [permission]: ['owner'] },
  operations: [readProgress, readProgressV2, listProgress, listProgressV2],
})

const owner = { as: 'owner@acme.test', tenant: 'acme' }

let atlas: TestInstallation
let projectId: string
before(async () => {
  atlas = await TestInstallation.start({ modules: [progress] })
  const project = await atlas.ask<{ id: string }>('POST', '/api/v1/projects', { ...owner, body: { name: 'Arm 6' } })
  projectId = project.id
})
after(() => atlas.stop())

describe('an operation of two versions', () => {
  test('answers each caller in the shape of the version that they ask', async () => {
    const first = await atlas.request('GET', `/api/v1/progress/${projectId}`, owner)
    const second = await atlas.request('GET', `/api/v2/progress/${projectId}`, owner)
    assert.deepEqual([first.status, first.body], [200, { name: 'Arm 6' }])
    assert.deepEqual([second.status, second.body], [200, { project: { name: 'Arm 6' } }])
  })

  test('does not take a cursor of one version in the other', async () => {
    const { nextCursor } = await atlas.ask<{ nextCursor: string }>('GET', '/api/v1/progress?limit=1', owner)
    const foreign = await atlas.request('GET', `/api/v2/project-progress?limit=1&cursor=${nextCursor}`, owner)
    assert.equal(foreign.status, 400)
  })

  test('is known below its own prefix only', async () => {
    const { status } = await atlas.request('GET', '/api/v2/projects', owner)
    assert.equal(status, 404)
    const wrongMethod = await atlas.request('POST', '/api/v2/project-progress', { ...owner, body: {} })
    assert.deepEqual([wrongMethod.status, wrongMethod.headers.get('allow')], [405, 'GET'])
  })
})

describe('the roles of the platform, which have two versions', () => {
  interface Old {
    readonly items: { readonly name: string; readonly system: string | null; readonly permissions: string[] }[]
  }
  const permissions = [
    { permission: 'project:read' },
    { permission: 'project:update', condition: [{ record: 'state', in: ['planned'] }] },
  ]

  test('are for older callers what they were: names of what is permitted always, and no role that they never met', async () => {
    await atlas.ask('POST', '/api/v1/roles', { ...owner, body: { name: 'Planner', permissions } })
    const { items } = await atlas.ask<Old>('GET', '/api/v1/roles', owner)
    assert.deepEqual(items.find(({ name }) => name === 'Planner')?.permissions, ['project:read'])
    assert.deepEqual(
      items.map(({ system }) => system),
      ['owner', 'admin', 'member', 'viewer', null],
    )
    const [first] = items
    assert.deepEqual(Object.keys(first ?? {}), ['id', 'name', 'system', 'permissions'])
    assert.ok(first?.permissions.includes('project:read'))
  })

  test('are whole in the second, which the first names as its successor', async () => {
    const { headers } = await atlas.request('GET', '/api/v1/roles', owner)
    assert.match(headers.get('link') ?? '', /^<\/api\/v2\/roles>; rel="successor-version"/)
    assert.equal(headers.get('sunset'), 'Sat, 22 May 2027 00:00:00 GMT')
    const { items } = await atlas.ask<{ items: { name: string; system: string | null; permissions: object[] }[] }>(
      'GET',
      '/api/v2/roles',
      owner,
    )
    assert.ok(items.some(({ system }) => system === 'guest'))
    assert.deepEqual(items.find(({ name }) => name === 'Planner')?.permissions, [
      { ...permissions[0], condition: null },
      permissions[1],
    ])
  })
})

describe('a deprecated operation', () => {
  const announced = (headers: Headers) => [headers.get('deprecation'), headers.get('sunset'), headers.get('link')]
  const days = ['@1793491200', 'Sat, 01 May 2027 00:00:00 GMT']

  test('says so in every reply, refusals included, with the address of what comes after it', async () => {
    const path = `/api/v1/progress/${projectId}`
    const link = `</api/v2/progress/${projectId}>; rel="successor-version"`
    const good = await atlas.request('GET', path, owner)
    const nobody = await atlas.request('GET', path)
    const other = await atlas.request('GET', path, { as: 'owner@globex.test', tenant: 'globex' })
    assert.deepEqual([good.status, nobody.status, other.status], [200, 401, 404])
    for (const { headers } of [good, nobody, other]) assert.deepEqual(announced(headers), [...days, link])
    const { headers } = await atlas.request('GET', `/api/v2/progress/${projectId}`, owner)
    assert.deepEqual(announced(headers), [null, null, null])
  })

  test('names its successor beside the next page of a list', async () => {
    const { headers } = await atlas.request('GET', '/api/v1/progress?limit=1', owner)
    const links = (headers.get('link') ?? '').split(', ')
    assert.equal(links[0], '</api/v2/project-progress>; rel="successor-version"')
    assert.match(links[1] ?? '', /^<\/api\/v1\/progress\?limit=1&cursor=.+>; rel="next"$/)
  })

  test('cannot be declared with days that contradict each other, or with a successor that is none', () => {
    const wrong = (more: object) => () =>
      operation({
        name: 'progress.write',
        summary: 'Write',
        http: 'POST /progress',
        deprecated: { since: '2026-11-01', sunset: '2027-05-01', ...more },
        permission,
        run: async () => {},
      })
    assert.throws(wrong({ sunset: '2026-10-01' }), /deprecated since 2026-11-01, with a sunset of 2026-10-01/)
    assert.throws(wrong({ since: 'soon' }), /deprecated since soon/)
    const lost = wrong({ replacedBy: 'progress.write.v2' })()
    assert.throws(() => announcementOf(lost, [lost]), /no operation progress\.write\.v2/)
    const foreign = wrong({ replacedBy: 'progress.read.v2' })()
    assert.throws(() => announcementOf(foreign, [foreign, readProgressV2]), /takes \{id\}/)
  })
})

describe('the contract', () => {
  interface Contract {
    readonly info: { readonly version: string }
    readonly paths: Record<string, Record<string, { operationId: string; deprecated?: boolean; 'x-sunset'?: string }>>
  }
  /** Every route below `/api`, as it is served: method and path. */
  const routes: string[] = []
  let server: ReturnType<typeof createServer>
  before(async () => {
    const { installation, log } = atlas
    const { operations, pipeline } = installation
    server = createServer({ log, publicUrl: 'http://127.0.0.1', trustedProxies: undefined })
    server.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) if (url.startsWith('/api/') && each !== 'HEAD') routes.push(`${each} ${url}`)
    })
    await registerRest(server, { pipeline, operations, secure: false, replicated: false })
    await registerReference(server, { operations, title: 'Atlas' })
  })
  after(() => server.close())

  const contractOf = async (version: number) => (await server.inject(`/api/v${version}/openapi.json`)).json<Contract>()

  test('of each version lists the operations of that version, and says which are deprecated', async () => {
    const [first, second] = [await contractOf(1), await contractOf(2)]
    assert.deepEqual([first.info.version, second.info.version], ['1', '2'])
    assert.deepEqual(Object.keys(second.paths).toSorted(), [
      '/api/v2/progress/{id}',
      '/api/v2/project-progress',
      '/api/v2/roles',
    ])
    assert.ok(Object.keys(first.paths).every((path) => path.startsWith('/api/v1/')))
    const old = first.paths['/api/v1/progress/{id}']?.['get']
    assert.deepEqual([old?.operationId, old?.deprecated, old?.['x-sunset']], ['progress.read', true, '2027-05-01'])
    const present = second.paths['/api/v2/progress/{id}']?.['get']
    assert.deepEqual([present?.operationId, present?.deprecated], ['progress.read.v2', undefined])
    assert.equal((await server.inject('/api/v2/docs/')).statusCode, 200)
  })

  test('has every route that is served below /api, and the reverse', async () => {
    const contracts = [await contractOf(1), await contractOf(2)]
    const described = contracts.flatMap(({ paths }) =>
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
      ),
    )
    const itself = routes.filter((route) => /^GET \/api\/v\d\/(openapi\.json|docs\b.*)$/.test(route))
    assert.ok(itself.length >= 4 && described.length > 60)
    assert.deepEqual(routes.filter((route) => !itself.includes(route)).toSorted(), described.toSorted())
    assert.equal(
      new Set(atlas.installation.operations.map((each) => each.method + addressOf(each))).size,
      described.length,
    )
  })
})
