import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { newId } from '../../platform/src/kernel/id.ts'
import { rowsOf } from '../database.ts'
import { type Reply, TestInstallation } from '../installation.ts'
import { until } from '../until.ts'

/** The life of a tenant: suspended, cancelled, restored, purged, by its owner and by staff. */

const dayMs = 86_400_000
const staff = { as: 'staff@tenantry.test' }
const owner = 'owner@acme.test'

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start()
})
after(() => atlas.stop())

interface Tenant {
  readonly id: string
  readonly slug: string
}

/** A tenant of its own for each test, with a project in it. */
async function founded(name = 'Initech'): Promise<Tenant> {
  const slug = `t${newId().slice(-12)}`
  const { id } = await atlas.ask<{ id: string }>('POST', '/api/v1/tenants', { as: owner, body: { name, slug } })
  await until('the tenant is set up', async () => (await inside(slug, 'GET', '/tenant')).status === 200)
  await inside(slug, 'POST', '/projects', { name: 'Gripper' })
  return { id, slug }
}

function inside(tenant: string, method: string, path: string, body?: object, as = owner): Promise<Reply> {
  return atlas.request(method, `/api/v1${path}`, { as, tenant, ...(body === undefined ? {} : { body }) })
}

/** What staff do to a tenant; the answer's status and code, and the tenant as it then is. */
async function ofStaff({ id }: Tenant, verb: string, input: object = {}) {
  const body = { reason: `To test ${verb}`, ...input }
  const reply = await atlas.request('POST', `/api/v1/staff/tenants/${id}/${verb}`, { ...staff, body })
  return { status: reply.status, ...(reply.body as { code?: string; state?: string; purgeAfter?: string }) }
}

function codeOf({ body }: Reply): string | undefined {
  return (body as { code?: string }).code
}

describe('a tenant that staff suspend', () => {
  test('can be read and not changed when it is made read-only, by people and by keys, from the next request on', async () => {
    const tenant = await founded()
    const { key } = (
      await inside(tenant.slug, 'POST', '/keys', { name: 'k', scopes: ['project:read', 'project:create'] })
    ).body as { key: string }
    await ofStaff(tenant, 'suspend', { mode: 'read_only' })
    for (const as of [owner, key]) {
      assert.equal((await atlas.request('GET', '/api/v1/projects', { as, tenant: tenant.slug })).status, 200)
      const body = { name: 'Too late' }
      const refused = await atlas.request('POST', '/api/v1/projects', { as, tenant: tenant.slug, body })
      assert.deepEqual([refused.status, codeOf(refused)], [403, 'tenant.read_only'])
    }
    await ofStaff(tenant, 'reactivate')
    assert.equal((await inside(tenant.slug, 'POST', '/projects', { name: 'In time' })).status, 201)
  })

  test('is closed to everybody when it is blocked, and its invitations wait', async () => {
    const tenant = await founded()
    const email = `${newId()}@example.test`
    await inside(tenant.slug, 'POST', '/invitations', { email, role: 'member' })
    const token = /token=([\w-]+)/.exec(await atlas.mailTo(email, '/invitation?token='))?.[1]
    await ofStaff(tenant, 'suspend', { mode: 'blocked' })
    const preview = () => atlas.request('POST', '/api/v1/invitations/preview', { body: { token } })
    assert.equal(codeOf(await preview()), 'tenant.suspended')
    assert.equal(codeOf(await inside(tenant.slug, 'GET', '/projects')), 'tenant.suspended')
    await ofStaff(tenant, 'reactivate')
    assert.equal((await preview()).status, 200)
  })

  test('says so in the list of the organisations of its members', async () => {
    const tenant = await founded()
    await ofStaff(tenant, 'suspend', { mode: 'blocked' })
    const { items } = await atlas.ask<{ items: { id: string; state: string }[] }>('GET', '/api/v1/tenants', {
      as: owner,
    })
    assert.equal(items.find(({ id }) => id === tenant.id)?.state, 'suspended')
  })

  test('finds in its own audit log who did that, and why', async () => {
    const tenant = await founded()
    await ofStaff(tenant, 'suspend', { mode: 'read_only', reason: 'The invoice of May is open' })
    const { items } = (await inside(tenant.slug, 'GET', '/audit-events?event=tenant.suspended')).body as {
      items: { actor: { name: string }; before: { state: string }; after: { state: string; reason: string } }[]
    }
    assert.deepEqual(
      items.map((entry) => [entry.actor.name, entry.before.state, entry.after.state, entry.after.reason]),
      [['Tenantry Staff', 'active', 'read_only', 'The invoice of May is open']],
    )
  })

  test('is refused what does not follow from its state', async () => {
    const tenant = await founded()
    for (const verb of ['reactivate', 'restore']) assert.equal((await ofStaff(tenant, verb)).code, 'tenant.wrong_state')
    assert.equal((await ofStaff(tenant, 'purge', { slug: tenant.slug })).code, 'tenant.wrong_state')
    assert.equal((await ofStaff({ ...tenant, id: newId() }, 'reactivate')).code, 'resource.not_found')
  })
})

describe('a tenant that is cancelled', () => {
  test('by its owner, who types its name, is closed, and opens again when the owner restores it', async () => {
    const { slug } = await founded('Hooli')
    const cancel = (name: string) => inside(slug, 'POST', '/tenant/cancel', { name, reason: 'We close down' })
    assert.equal(codeOf(await cancel('hooli')), 'tenant.not_confirmed')
    assert.equal((await cancel('Hooli')).status, 200)
    assert.equal(codeOf(await inside(slug, 'GET', '/projects')), 'tenant.cancelled')
    const cancellation = (await inside(slug, 'GET', '/tenant/cancellation')).body as Record<string, string>
    assert.equal(cancellation['reason'], 'We close down')
    const graceMs = Date.parse(cancellation['purgeAfter'] ?? '') - Date.parse(cancellation['cancelledAt'] ?? '')
    assert.equal(graceMs, 30 * dayMs)
    assert.equal((await inside(slug, 'POST', '/tenant/restore', { reason: 'A buyer was found' })).status, 200)
    assert.equal((await inside(slug, 'GET', '/projects')).status, 200)
    assert.equal(codeOf(await inside(slug, 'GET', '/tenant/cancellation')), 'resource.not_found')
  })

  test('shows members no more than that it is', async () => {
    const acme = { ...staff, tenant: 'acme' }
    const { id } = await atlas.ask<Tenant>('GET', '/api/v1/tenant', { as: owner, tenant: 'acme' })
    await ofStaff({ id, slug: 'acme' }, 'cancel', { slug: 'acme' })
    for (const as of ['admin@acme.test', 'member@acme.test', 'viewer@acme.test']) {
      assert.equal(codeOf(await inside('acme', 'GET', '/projects', undefined, as)), 'tenant.cancelled')
      assert.equal((await inside('acme', 'GET', '/tenant/cancellation', undefined, as)).status, 403)
      assert.equal((await inside('acme', 'POST', '/tenant/restore', { reason: 'Mine' }, as)).status, 403)
    }
    assert.equal(codeOf(await atlas.request('GET', '/api/v1/projects', acme)), 'tenant.not_found')
    assert.equal((await ofStaff({ id, slug: 'acme' }, 'restore')).state, 'active')
  })

  test('while it was suspended is suspended again when its owner restores it', async () => {
    const tenant = await founded()
    await ofStaff(tenant, 'suspend', { mode: 'blocked' })
    await ofStaff(tenant, 'cancel', { slug: tenant.slug })
    assert.equal((await inside(tenant.slug, 'POST', '/tenant/restore', { reason: 'I want out of it' })).status, 200)
    assert.equal(codeOf(await inside(tenant.slug, 'GET', '/projects')), 'tenant.suspended')
  })

  test('is not purged before its thirty days are over, nor without its address being typed', async () => {
    const tenant = await founded()
    assert.equal((await ofStaff(tenant, 'cancel', { slug: 'another' })).code, 'tenant.not_confirmed')
    await ofStaff(tenant, 'cancel', { slug: tenant.slug })
    assert.equal((await ofStaff(tenant, 'purge', { slug: 'another' })).code, 'tenant.not_confirmed')
    assert.equal((await ofStaff(tenant, 'purge', { slug: tenant.slug })).code, 'tenant.grace_not_over')
  })
})

test('staff find tenants by a part of the name or address, and by state', async () => {
  const tenant = await founded('Übermensch & Söhne')
  await ofStaff(tenant, 'suspend', { mode: 'read_only' })
  const found = async (query: string) =>
    (await atlas.ask<{ items: { id: string }[] }>('GET', `/api/v1/staff/tenants?${query}`, staff)).items.map(
      ({ id }) => id,
    )
  for (const search of ['ÜBERM', 'mensch & s', tenant.slug.slice(2, 9)]) {
    assert.deepEqual(await found(String(new URLSearchParams({ search }))), [tenant.id], search)
  }
  assert.deepEqual(await found('search=%25mensch'), [], 'a wildcard is a character like any other')
  assert.ok((await found('state=read_only&limit=100')).includes(tenant.id))
  assert.ok(!(await found('state=active&limit=100')).includes(tenant.id))
  const record = await atlas.ask<Record<string, unknown>>('GET', `/api/v1/staff/tenants/${tenant.id}`, staff)
  assert.deepEqual([record['model'], record['cell'], record['region'], record['members']], ['pool', 'main', 'local', 1])
})

/** Tables of tenants, by the database that they are in; the audit events are what a purge leaves. */
async function rowsOfTenant({ id }: Tenant): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const [url, schema] of [
    [atlas.databases.cellUrl, 'pool'],
    [atlas.databases.controlUrl, 'control'],
  ] as const) {
    const tables = await rowsOf(
      url,
      "select table_name as name from information_schema.columns where table_schema = $1 and column_name = 'tenant_id'",
      [schema],
    )
    assert.ok(tables.length >= 5)
    for (const { name } of tables) {
      const rows = await rowsOf(
        url,
        `select count(*)::int as count from ${schema}.${String(name)} where tenant_id = $1`,
        [id],
      )
      counts[`${schema}.${String(name)}`] = Number(rows[0]?.['count'])
    }
  }
  return counts
}

describe('a tenant that is purged', () => {
  /** More than one call of the erasure takes. */
  const manyTasks = 21_000

  test('leaves nothing but the skeleton of its audit log, its address is free, and others lose nothing', async () => {
    const [tenant, other] = [await founded('Vandelay'), await founded('Kramerica')]
    await inside(tenant.slug, 'POST', '/invitations', { email: `${newId()}@example.test`, role: 'viewer' })
    await inside(tenant.slug, 'POST', '/keys', { name: 'k', scopes: ['project:read'] })
    const { items } = (await inside(tenant.slug, 'GET', '/projects')).body as { items: { id: string }[] }
    const tasks = `insert into pool.tasks (tenant_id, id, project_id, title, notes, state, created_at, updated_at)
      select $1, uuidv7(), $2, 'One of many', '', 'todo', now(), now() from generate_series(1, $3)`
    await rowsOf(atlas.databases.cellUrl, tasks, [tenant.id, items[0]?.id, manyTasks])
    const before = await rowsOfTenant(other)
    await ofStaff(tenant, 'cancel', { slug: tenant.slug })
    await rowsOf(atlas.databases.controlUrl, 'update control.tenants set purge_after = now() where id = $1', [
      tenant.id,
    ])
    assert.equal((await ofStaff(tenant, 'purge', { slug: tenant.slug })).state, 'purged')
    assert.equal(codeOf(await inside(tenant.id, 'GET', '/tenant')), 'tenant.not_found')
    await until('the rows are gone', async () => (await entry(tenant)).erasedAt !== null)

    const { 'pool.audit_events': inCell, 'control.audit_events': inControl, ...rest } = await rowsOfTenant(tenant)
    assert.ok((inCell ?? 0) > 0 && (inControl ?? 0) > 0)
    // In control stand what said that it is gone, with who and why, and the work that did it.
    const ofSkeleton = /^control\.|^pool\.audit_(unsealed|seals|heads)$/
    const left = Object.entries(rest).filter(([table, count]) => count > 0 && !ofSkeleton.test(table))
    assert.deepEqual(left, [])
    assert.ok((rest['control.outbox'] ?? 0) <= 3 && (rest['control.audit_values'] ?? 0) <= 2, JSON.stringify(rest))
    assert.deepEqual(await rowsOfTenant(other), before)
    const body = { name: 'Vandelay', slug: tenant.slug }
    assert.equal((await atlas.request('POST', '/api/v1/tenants', { as: owner, body })).status, 201)
  })

  test('once its grace period is over goes by itself, the day after, and not a day earlier', async () => {
    const [due, later] = [await founded(), await founded()]
    for (const tenant of [due, later]) await ofStaff(tenant, 'cancel', { slug: tenant.slug })
    const inDays = "update control.tenants set purge_after = now() + $2::int * interval '1 day' where id = $1"
    await rowsOf(atlas.databases.controlUrl, inDays, [due.id, 30])
    await rowsOf(atlas.databases.controlUrl, inDays, [later.id, 32])
    atlas.clock.aheadMs = 31 * dayMs
    await until('the daily job has purged it', async () => (await entry(due)).state === 'purged')
    assert.equal((await entry(due)).reason, 'The grace period is over.')
    assert.equal((await entry(later)).state, 'cancelled')
    atlas.clock.aheadMs = 0
  })
})

/** As staff see it; looked up behind the scenes, because a moved clock ends sessions. */
async function entry({ id }: Tenant): Promise<Record<'state' | 'reason' | 'erasedAt', string | null>> {
  const text = 'select state, state_reason as reason, erased_at::text as "erasedAt" from control.tenants where id = $1'
  return (await rowsOf(atlas.databases.controlUrl, text, [id]))[0] as Record<
    'state' | 'reason' | 'erasedAt',
    string | null
  >
}
