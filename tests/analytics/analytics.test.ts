import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { DatabaseTimeFlush } from '../../platform/src/database-time-flush.ts'
import { staff as demoStaff } from '../../platform/src/demo-people.ts'
import { DatabaseTime } from '../../platform/src/kernel/database/database-time.ts'
import { requireOperation } from '../../platform/src/kernel/operation.ts'
import { system } from '../../platform/src/system-session.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'

/** What tenants do and take, measured where they live and added up in the control database. */

interface Numbers {
  readonly id: string
  readonly slug: string
  readonly events: number
  readonly people: number
  readonly storedRows: number
  readonly storedBytes: number
  readonly operations: number
  readonly databaseMs: number
  readonly measuredAt: string | null
}

interface Measurement {
  readonly measuredAt: string
  readonly storedRows: number
  readonly storedBytes: number
  readonly days: readonly { readonly day: string; readonly events: number; readonly people: number }[]
}

const owner = 'owner@acme.test'
const staff = { as: demoStaff.email }
const today = () => new Date().toISOString().slice(0, 10)

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start({
    silos: true,
    cells: [
      { name: 'eu-1', region: 'eu' },
      { name: 'us-1', region: 'us' },
    ],
  })
})
after(() => atlas.stop())

const inControl = (text: string, values: unknown[] = []) => rowsOf(atlas.databases.controlUrl, text, values)
async function idOf(slug: string): Promise<string> {
  const [found] = await inControl('select id from control.tenants where slug = $1', [slug])
  return String(found?.['id'])
}

async function numbersOf(slug: string): Promise<Numbers> {
  const query = new URLSearchParams({ search: slug })
  const { items } = await atlas.ask<{ items: Numbers[] }>('GET', `/api/v1/staff/analytics/tenants?${query}`, staff)
  const found = items.find((each) => each.slug === slug)
  assert.ok(found, slug)
  return found
}

const measure = async (slug: string) =>
  atlas.ask<Measurement>('POST', `/api/v1/staff/analytics/tenants/${await idOf(slug)}/measure`, { ...staff, body: {} })

/** Once what was found has come to the control database. */
async function measured(slug: string, measuredAt: string): Promise<Numbers> {
  for (let tries = 0; tries < 400; tries++) {
    const numbers = await numbersOf(slug)
    if (numbers.measuredAt !== null && numbers.measuredAt >= measuredAt) return numbers
    await wait(25)
  }
  return assert.fail(`the measurement of ${slug} never arrived`)
}

/** Founds a tenant and works in it: the same in each, with texts of the same length. */
async function worked(slug: string, place: Parameters<TestInstallation['foundTenant']>[1]): Promise<void> {
  await atlas.foundTenant(slug, place)
  const asOwner = { as: owner, tenant: slug }
  for (let number = 1; number <= 3; number++) {
    const body = { name: `Project ${number}` }
    const { id } = await atlas.ask<{ id: string }>('POST', '/api/v1/projects', { ...asOwner, body })
    for (const title of ['One', 'Two', 'Three'])
      await atlas.ask('POST', '/api/v1/tasks', { ...asOwner, body: { title, projectId: id } })
  }
  const body = { name: 'Key', scopes: ['project:read', 'project:create'] }
  const { key } = await atlas.ask<{ key: string }>('POST', '/api/v1/keys', { ...asOwner, body })
  await atlas.ask('POST', '/api/v1/projects', { as: key, body: { name: 'By a key' } })
}

describe('a measurement', () => {
  test('gives the same numbers for the same data in a pool, a schema and a database, in any cell', async () => {
    const places = {
      'in-pool': { model: 'pool' },
      'in-brdg': { model: 'bridge' },
      'in-silo': { model: 'silo' },
      'eu-pool': { model: 'pool', region: 'eu' },
      'eu-silo': { model: 'silo', region: 'eu' },
    } as const
    const found: Record<string, object> = {}
    for (const [slug, place] of Object.entries(places)) {
      await worked(slug, place)
      const { measuredAt, ...numbers } = await measure(slug)
      const shown = await measured(slug, measuredAt)
      const { events, people, storedRows, storedBytes } = shown
      // Three projects, nine tasks and a key by its owner, and a project by that key.
      assert.deepEqual([events, people], [14, 1], slug)
      assert.deepEqual(
        { storedRows, storedBytes },
        { storedRows: numbers.storedRows, storedBytes: numbers.storedBytes },
      )
      assert.ok(storedRows > 40 && storedBytes > 5_000, `${storedRows} rows, ${storedBytes} bytes`)
      found[slug] = numbers
    }
    for (const [slug, numbers] of Object.entries(found)) assert.deepEqual(numbers, found['in-pool'], slug)
  })

  test('counts no row of another tenant, however many there are in the same tables', async () => {
    await atlas.foundTenant('quiet', { model: 'pool' })
    const first = await measure('quiet')
    await worked('loud', { model: 'pool' })
    const second = await measure('quiet')
    // What the first look recorded: an audit event with its values.
    assert.equal(second.storedRows, first.storedRows + 2)
    assert.deepEqual(second.days, first.days)
    assert.equal((await measured('quiet', second.measuredAt)).events, 0)
  })

  test('arrives once: doubled, repeated or late it changes nothing', async () => {
    await worked('repeated', { model: 'pool' })
    const earlier = await measure('repeated')
    const later = await measure('repeated')
    await measured('repeated', later.measuredAt)
    const id = await idOf('repeated')
    const rows = () => inControl('select * from control.tenant_days where tenant_id = $1 order by day', [id])
    const before = await rows()
    const again = (where: string) =>
      rowsOf(
        atlas.databases.cellUrl,
        `update pool.outbox set done_at = null where tenant_id = $1 and name = 'tenant.measured' and ${where} returning id`,
        [id],
      )
    const isCarried = async () =>
      (
        await rowsOf(
          atlas.databases.cellUrl,
          "select from pool.outbox where name = 'tenant.measured' and done_at is null",
        )
      ).length === 0
    // Delivered a second time: the inbox knows the message.
    assert.equal((await again('true')).length, 2)
    await until('it is carried', isCarried)
    assert.deepEqual(await rows(), before)
    // And where the inbox has forgotten it, the older of the two does not overwrite the newer one.
    await inControl("delete from control.inbox where tenant_id = $1 and consumer = 'analytics.keep'", [id])
    assert.equal((await again(`payload -> 'data' ->> 'measuredAt' = '${earlier.measuredAt}'`)).length, 1)
    await until('it is carried', isCarried)
    assert.deepEqual(await rows(), before)
    assert.equal((await numbersOf('repeated')).measuredAt, later.measuredAt)
  })

  test('is refused for a tenant that is closed, because its work waits', async () => {
    await atlas.foundTenant('closed', { model: 'pool' })
    const id = await idOf('closed')
    const body = { mode: 'blocked', reason: 'For a test' }
    await atlas.ask('POST', `/api/v1/staff/tenants/${id}/suspend`, { ...staff, body })
    const reply = await atlas.request('POST', `/api/v1/staff/analytics/tenants/${id}/measure`, { ...staff, body: {} })
    assert.deepEqual([reply.status, (reply.body as { code: string }).code], [409, 'analytics.tenant_not_open'])
  })
})

describe('measuring everybody', () => {
  const everybody = () => atlas.ask('POST', '/api/v1/staff/analytics/measure', { ...staff, body: {} })

  test('goes on in the other cells while one is down, and comes to that one once it is back', async () => {
    for (const slug of ['us-a', 'us-b', 'us-c']) await atlas.foundTenant(slug, { model: 'bridge', region: 'us' })
    await atlas.foundTenant('here', { model: 'bridge', region: 'local' })
    const putUp = await atlas.databases.takeDown('us-1')
    const began = new Date().toISOString()
    try {
      await everybody()
      await measured('here', began)
      await measured('acme', began)
      assert.equal((await numbersOf('us-a')).measuredAt, null)
    } finally {
      await putUp()
    }
    for (const slug of ['us-a', 'us-b', 'us-c']) await measured(slug, began)
    assert.ok(atlas.log.lines.some(({ fields }) => /no tenant of cell us-1/.test(String(fields['error']))))
  })

  test('comes to every open tenant, also when one of them cannot be measured', async () => {
    for (const slug of ['many-a', 'many-b', 'many-c', 'many-d']) await atlas.foundTenant(slug, { model: 'bridge' })
    const id = await idOf('many-b')
    const schema = `t_${id.replaceAll('-', '')}`
    await rowsOf(atlas.databases.cellUrl, `alter table ${schema}.projects rename to projects_of_nobody`)
    const began = new Date().toISOString()
    await everybody()
    for (const slug of ['many-a', 'many-c', 'many-d']) await measured(slug, began)
    assert.equal((await numbersOf('many-b')).measuredAt, null)
    assert.ok(
      atlas.log.lines.some(({ fields, message }) => /not be measured/.test(message) && fields['tenant_id'] === id),
    )
  })

  test('leaves out what is older than a year and a month, and by operation than a month', async () => {
    const id = await idOf('acme')
    const day = (ago: number) => `(now() at time zone 'utc')::date - ${ago}`
    await inControl(`insert into control.tenant_days (tenant_id, day) values ($1, ${day(399)}), ($1, ${day(400)})`, [
      id,
    ])
    await inControl(
      `insert into control.operation_days (tenant_id, day, operation, operations, database_ms)
        values ($1, ${day(34)}, 'projects.list', 1, 1), ($1, ${day(35)}, 'projects.list', 1, 1)`,
      [id],
    )
    // In this order: the relay would take a revived message for a second delivery.
    await inControl("delete from control.inbox where consumer = 'analytics.deleteExpired'")
    await inControl("update control.outbox set done_at = null where name = 'analytics.deleteExpired'")
    const old = async () => {
      const found = `select (select count(*)::int from control.tenant_days where tenant_id = $1 and day <= ${day(399)}) as days,
        (select count(*)::int from control.operation_days where tenant_id = $1 and day <= ${day(34)}) as operations`
      return (await inControl(found, [id]))[0]
    }
    await until('they are deleted', async () => (await old())?.['days'] === 1)
    assert.deepEqual(await old(), { days: 1, operations: 1 })
  })
})

describe('database time', () => {
  test('of two processes is added up, by tenant and by operation', async () => {
    await atlas.foundTenant('timed', { model: 'pool' })
    const tenantId = await idOf('timed')
    const { control } = atlas.installation.databases
    const [one, other] = [new DatabaseTime(), new DatabaseTime()]
    const flushes = [one, other].map((databaseTime) => new DatabaseTimeFlush({ databaseTime, control, log: atlas.log }))
    for (const time of [one, other]) {
      time.add(tenantId, 'projects.list', 1.25)
      time.add(tenantId, 'projects.list', 2.5)
      time.add(tenantId, 'tasks.list', 0.5)
    }
    const before = await numbersOf('timed')
    await Promise.all(flushes.map((each) => each.flush()))
    one.add(tenantId, 'tasks.list', 4)
    await Promise.all(flushes.map((each) => each.stop()))
    const after = await numbersOf('timed')
    assert.equal(after.operations - before.operations, 7)
    assert.ok(Math.abs(after.databaseMs - before.databaseMs - 12.5) < 0.000_1)
    const byOperation = await inControl(
      `select operation, operations::int, database_ms::float8 as ms from control.operation_days
        where tenant_id = $1 and operation in ('projects.list', 'tasks.list') order by 1`,
      [tenantId],
    )
    assert.deepEqual(byOperation, [
      { operation: 'projects.list', operations: 4, ms: 7.5 },
      { operation: 'tasks.list', operations: 3, ms: 5 },
    ])
  })

  test('that cannot be carried is kept for the next time', async () => {
    const tenantId = await idOf('timed')
    const { control } = atlas.installation.databases
    const databaseTime = new DatabaseTime()
    const flush = new DatabaseTimeFlush({ databaseTime, control, log: atlas.log })
    databaseTime.add(tenantId, 'projects.update', 3)
    await inControl('alter table control.tenant_days rename to tenant_days_elsewhere')
    try {
      await flush.flush()
    } finally {
      await inControl('alter table control.tenant_days_elsewhere rename to tenant_days')
    }
    assert.deepEqual(databaseTime.all(), [{ tenantId, operation: 'projects.update', calls: 1, databaseMs: 3 }])
    await flush.stop()
    assert.deepEqual(databaseTime.all(), [])
    const kept = await inControl(
      "select database_ms::float8 as ms from control.operation_days where tenant_id = $1 and operation = 'projects.update'",
      [tenantId],
    )
    assert.deepEqual(kept, [{ ms: 3 }])
  })

  test('is counted for operations, and for the jobs and listeners that they leave behind', async () => {
    await atlas.foundTenant('set-up', { model: 'pool' })
    const { databases, databaseTime } = atlas.installation
    await new DatabaseTimeFlush({ databaseTime, control: databases.control, log: atlas.log }).stop()
    const counted = await inControl(
      'select operation from control.operation_days where tenant_id = $1 and database_ms > 0 order by 1',
      [await idOf('set-up')],
    )
    // Founded by staff, and set up by listeners.
    const names = counted.map(({ operation }) => String(operation))
    for (const name of ['staffTenants.create', 'tenants.activate', 'tenants.provision'])
      assert.ok(names.includes(name), names.join(' '))
  })
})

describe('the report', () => {
  interface Report {
    readonly tenants: number
    readonly activeTenants: number
    readonly events: number
    readonly people: number
    readonly storedBytes: number
    readonly plans: readonly { name: string; tenants: number }[]
    readonly models: readonly { name: string; tenants: number }[]
    readonly cells: readonly { name: string; tenants: number }[]
    readonly states: readonly { name: string; tenants: number }[]
  }
  const read = (days = 30) => atlas.ask<Report>('GET', `/api/v1/staff/analytics?days=${days}`, staff)

  test('counts tenants by plan, model, cell and state, and adds their numbers up', async () => {
    const report = await read()
    const of = (counts: readonly { name: string; tenants: number }[], name: string) =>
      counts.find((each) => each.name === name)?.tenants
    const directory =
      await inControl(`select count(*)::int as tenants, count(*) filter (where model = 'silo')::int as silos,
      count(*) filter (where cell = 'eu-1')::int as eu, count(*) filter (where state = 'suspended')::int as suspended
      from control.tenants`)
    const [{ tenants, silos, eu, suspended } = {}] = directory
    assert.equal(report.tenants, tenants)
    assert.deepEqual(
      [
        of(report.plans, 'standard'),
        of(report.models, 'silo'),
        of(report.cells, 'eu-1'),
        of(report.states, 'suspended'),
      ],
      [tenants, silos, eu, suspended],
    )
    const { items } = await atlas.ask<{ items: Numbers[] }>(
      'GET',
      '/api/v1/staff/analytics/tenants?limit=100&sort=-events',
      staff,
    )
    const sum = (field: 'events' | 'storedBytes' | 'people') => items.reduce((total, each) => total + each[field], 0)
    assert.equal(report.events, sum('events'))
    assert.equal(report.storedBytes, sum('storedBytes'))
    assert.equal(report.people, sum('people'))
    assert.equal(report.activeTenants, items.filter(({ events }) => events > 0).length)
  })

  test('looks at as many days as are asked for', async () => {
    const id = await idOf('acme')
    const { events } = await read(1)
    await inControl(
      `insert into control.tenant_days (tenant_id, day, events, people) values ($1, ($2::date - 9), 1000, 7)`,
      [id, today()],
    )
    assert.equal((await read(9)).events, events)
    assert.equal((await read(10)).events, events + 1000)
    const { days } = await atlas.ask<{ days: { day: string; events: number }[] }>(
      'GET',
      `/api/v1/staff/analytics/tenants/${id}`,
      staff,
    )
    assert.equal(days.length, 30)
    assert.equal(days.at(-1)?.day, today())
    assert.equal(days.at(-10)?.events, 1000)
  })

  test('is for staff alone, and the platform itself may ask', async () => {
    const reply = await atlas.request('GET', '/api/v1/staff/analytics', { as: owner })
    assert.equal(reply.status, 403)
    const report = requireOperation(atlas.installation.operations, 'analytics.read')
    assert.ok(((await atlas.installation.call(report, system, { days: 1 })) as Report).tenants > 0)
  })
})
