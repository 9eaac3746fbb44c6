import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { Installation } from '../../platform/src/installation.ts'
import { BetterAuthProvider } from '../../platform/src/modules/identity/better-auth.ts'
import { PasswordHashing } from '../../platform/src/modules/identity/password-hashing.ts'
import { type Served, serve } from '../../platform/src/serve.ts'
import product from '../../product/app.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'

/** Two processes that count the requests of tenants, users and keys together, in the control database. */

const limits = { read: 1_000, write: 40, heavy: 10 }
const owner = 'owner@acme.test'
const people = [owner, 'admin@acme.test', 'member@acme.test']
const others = { as: 'owner@globex.test', tenant: 'globex' }

let here: TestInstallation
let elsewhere: Installation
let served: Served
before(async () => {
  here = await TestInstallation.start({ limits })
  const { log } = here
  const [standard, ...plans] = product.plans
  elsewhere = new Installation({
    product: { ...product, plans: [{ ...standard, limits }, ...plans] },
    databases: here.databases.settings,
    identity: new BetterAuthProvider(new PasswordHashing()),
    mailer: here.inbox,
    publicUrl: here.url,
    log,
  })
  const where = { host: '127.0.0.1', port: 0, publicUrl: here.url, trustedProxies: undefined }
  served = await serve({ installation: elsewhere, ...where, log })
})
after(async () => {
  await served.close()
  await elsewhere.close()
  await here.stop()
})

/** The nth request goes to one process or to the other. */
async function ask(
  nth: number,
  headers: Record<string, string>,
  { path = '/projects', body }: { path?: string; body?: string } = {},
): Promise<Response> {
  const url = nth % 2 === 0 ? here.url : `http://127.0.0.1:${served.port}`
  const sent = body === undefined ? {} : { method: 'POST', body }
  const response = await fetch(`${url}/api/v1${path}`, { headers, ...sent })
  await response.arrayBuffer()
  return response
}

const headersOf = async (email: string, tenant = 'acme') => ({ cookie: await here.cookieOf(email), tenant })

/** How many of so many requests at once were let through; the rest were refused for the limit. */
async function admitted(count: number, request: (nth: number) => Promise<Response>): Promise<number> {
  const statuses: number[] = []
  let nth = 0
  const caller = async () => {
    while (nth < count) statuses.push((await request(nth++)).status)
  }
  await Promise.all(Array.from({ length: 16 }, caller))
  const through = statuses.filter((status) => status !== 429)
  assert.ok(through.every((status) => status < 300))
  return through.length
}

/** `"tenant-read";r=999;t=60` as numbers, by policy. */
function standings({ headers }: Pick<Response, 'headers'>): Record<string, { r: number; t: number; warning: boolean }> {
  const items = (headers.get('ratelimit') ?? '').split(', ').filter((item) => item !== '')
  return Object.fromEntries(
    items.map((item) => {
      const found = /^"([a-z-]+)";r=(\d+);t=(\d+)(;tenantry-warning)?$/.exec(item)
      assert.ok(found, item)
      return [found[1], { r: Number(found[2]), t: Number(found[3]), warning: found[4] !== undefined }]
    }),
  )
}

/** An API key, made by the owner. */
async function keyWith(scope: string, who = { as: owner, tenant: 'acme' }): Promise<Record<string, string>> {
  const body = { name: 'Counted', scopes: [scope] }
  const { key } = await here.ask<{ key: string }>('POST', '/api/v1/keys', { ...who, body })
  return { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
}

const create = JSON.stringify({ name: 'Counted' })

test('a small limit is exact over two processes: of 60 changes at once, one key has 20', async () => {
  const headers = await keyWith('project:create')
  assert.equal(await admitted(60, (nth) => ask(nth, headers, { path: '/projects', body: create })), 20)
})

test('a large one is right within 1 %: of 1,600 reads at once a user has 500, and the tenant 1,000', async () => {
  const [first, ...more] = await Promise.all(people.map((email) => headersOf(email)))
  const ofOne = await admitted(600, (nth) => ask(nth, first ?? {}))
  assert.ok(ofOne >= 495 && ofOne <= 505, `${ofOne} of one user`)
  const ofAll = ofOne + (await admitted(1_000, (nth) => ask(nth, more[Math.floor(nth / 2) % 2] ?? {})))
  assert.ok(ofAll >= 990 && ofAll <= 1_010, `${ofAll} of the tenant`)
})

test('who is refused is told by a problem document, how long to wait, and by which limit', async () => {
  const response = await here.request('GET', '/api/v1/projects', { as: owner, tenant: 'acme' })
  const { code, type, status } = response.body as { code: string; type: string; status: number }
  assert.deepEqual([response.status, status, code], [429, 429, 'tenant.rate_limited'])
  assert.match(type, /\/docs\/errors\/tenant\.rate_limited$/)
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/)
  const seconds = Number(response.headers.get('retry-after'))
  assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 61, `${seconds} s`)
  const { 'tenant-read': tenant, 'user-read': user } = standings(response)
  assert.deepEqual([tenant?.r, user?.r, tenant?.warning, user?.warning], [0, 0, true, true])
})

test('a tenant that has reached its limits takes nothing from another', async () => {
  const headers = await headersOf(others.as, others.tenant)
  const response = await ask(1, headers)
  assert.equal(response.status, 200)
  const { 'tenant-read': tenant } = standings(response)
  assert.ok(tenant && tenant.r >= 990 && !tenant.warning, `${tenant?.r} are left`)
  // Signing in, and what belongs to no tenant, goes on for whoever was refused.
  assert.equal((await here.request('GET', '/api/v1/me', { as: owner })).status, 200)
})

test('no request of a stranger counts for a tenant, whatever it names', async () => {
  const used = async () => (await usage(others)).read?.used ?? 0
  const before = await used()
  const key = await keyWith('project:read')
  const headers = await headersOf(owner, 'globex')
  const attempts: Record<string, string>[] = [
    headers,
    { ...key, tenant: 'globex' },
    { tenant: 'globex' },
    { authorization: 'Bearer none', tenant: 'globex' },
  ]
  for (const attempt of [1, 2, 3, 4, 5].flatMap(() => attempts)) {
    const response = await ask(0, attempt)
    assert.ok([401, 403, 404].includes(response.status), String(response.status))
    assert.equal(response.headers.get('ratelimit'), null)
  }
  // Only that somebody of the tenant looked.
  assertAbout(await used(), before + 1)
})

test('a tenant by its id, by its slug or by its key is one tenant, and what a caller says of limits counts nothing', async () => {
  const { id } = await here.ask<{ id: string }>('GET', '/api/v1/tenant', others)
  const { cookie } = await headersOf(others.as)
  const said = {
    ratelimit: '"tenant-read";r=9999999;t=1',
    'ratelimit-policy': '"tenant-read";q=9999999',
    'retry-after': '0',
  }
  const before = (await usage(others)).read?.used ?? 0
  for (const tenant of ['globex', id])
    for (const address of ['10.0.0.1', '10.0.0.2, "', "'; select 1"]) {
      const response = await ask(0, { cookie: cookie ?? '', tenant, 'x-forwarded-for': address, ...said })
      assert.equal(response.headers.get('ratelimit-policy'), '"tenant-read";q=1000;w=60, "user-read";q=500;w=60')
    }
  assertAbout((await usage(others)).read?.used, before + 7)
})

test('every answer of an operation with a tenant tells the limits and what is left of them, failures included', async () => {
  const headers = await headersOf(others.as, others.tenant)
  const paths = [
    ['/projects', 200],
    ['/projects?sort=nonsense', 400],
    ['/projects/00000000-0000-7000-8000-000000000000', 404],
  ] as const
  for (const [path, status] of paths) {
    const response = await ask(0, headers, { path })
    assert.equal(response.status, status)
    const { 'tenant-read': tenant, 'user-read': user } = standings(response)
    assert.ok(tenant && user && tenant.r <= 999 && user.r <= 499 && user.r >= 400, `${tenant?.r} and ${user?.r}`)
    assert.ok(tenant.t >= 1 && tenant.t <= 61, `${tenant.t} s`)
  }
  for (const path of ['/me', '/tenants'])
    assert.equal((await ask(0, headers, { path })).headers.get('ratelimit'), null, path)
})

test('from 80 % on answers carry a warning', async () => {
  const headers = await headersOf(others.as, others.tenant)
  const seen: (readonly [r: number, warning: boolean])[] = []
  for (let nth = 0; nth < 5; nth++) {
    const { 'user-heavy': user } = standings(await ask(0, headers, { path: '/audit-events' }))
    seen.push([user?.r ?? Number.NaN, user?.warning ?? false])
  }
  assert.deepEqual(seen, [
    [4, false],
    [3, false],
    [2, false],
    [1, true],
    [0, true],
  ])
})

test('another plan counts within a second, also in the process that did not change it', async () => {
  const { items } = await here.ask<{ items: { id: string; slug: string }[] }>('GET', '/api/v1/tenants', { as: owner })
  const acme = items.find(({ slug }) => slug === 'acme')?.id ?? ''
  const headers = await headersOf(owner)
  const statusOnceChangedTo = async (plan: string) => {
    const body = { plan, reason: 'Agreed' }
    await here.ask('POST', `/api/v1/staff/tenants/${acme}/change-plan`, { as: 'staff@tenantry.test', body })
    await wait(1_000)
    return [(await ask(0, headers)).status, (await ask(1, headers)).status]
  }
  assert.deepEqual(await statusOnceChangedTo('business'), [200, 200])
  assert.equal((await usage({ as: owner, tenant: 'acme' })).read?.limit, 30_000)
  assert.deepEqual(await statusOnceChangedTo('standard'), [429, 429])
})

test('a store that fails is replaced by what each process counts itself, and people are told once', async () => {
  const headers = await headersOf(others.as, others.tenant)
  const alerts = () => here.log.lines.filter(({ message }) => message === 'the store of rate limits is lost').length
  const control = here.databases.controlUrl
  await rowsOf(control, 'revoke execute on function control.take_permits from tenantry_control')
  const used = await admitted(1_300, (nth) => ask(nth, headers))
  await rowsOf(control, 'grant execute on function control.take_permits to tenantry_control')
  // Each process lets through half of 1,000 for one user, with what it had let through before.
  assert.ok(used >= 900 && used <= 1_000, `${used} without the store`)
  assert.equal(alerts(), 2, 'one of each process')
  await wait(1_100)
  await Promise.all([ask(0, headers), ask(1, headers)])
  const back = () => here.log.lines.filter(({ message }) => message === 'the store of rate limits is back').length
  await until('both processes count together again', async () => back() === 2)
})

test('a store that does not answer holds a request up once, for a second', async () => {
  const key = await keyWith('project:read', others)
  const client = new pg.Client({ connectionString: here.databases.controlUrl })
  await client.connect()
  await client.query('begin')
  await client.query('lock table control.rate_windows in access exclusive mode')
  const times: number[] = []
  for (let nth = 0; nth < 20; nth++) {
    const beganAtMs = performance.now()
    assert.equal((await ask(0, key)).status, 200)
    times.push(performance.now() - beganAtMs)
  }
  await client.query('rollback')
  await client.end()
  assert.equal(times.filter((ms) => ms > 500).length, 1, `slow: ${times.map(Math.round).join(' ')}`)
})

/** Each of the two processes may hold two permits of 1,000 ahead of need. */
function assertAbout(used: number | undefined, expected: number): void {
  assert.ok(used !== undefined && Math.abs(used - expected) <= 4, `${used} are used and not ${expected}`)
}

/** What the operation says of a tenant, by class. */
async function usage(who: { as: string; tenant: string }): Promise<Record<string, Usage>> {
  const { rates } = await here.ask<{ rates: Usage[] }>('GET', '/api/v1/usage', who)
  return Object.fromEntries(rates.map((each) => [each.rate, each]))
}

interface Usage {
  readonly rate: string
  readonly used: number
  readonly limit: number
  readonly warnsAt: number
  readonly freesAt: string | null
}
