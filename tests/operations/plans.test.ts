import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Borrower } from '../../platform/src/kernel/database/database.ts'
import { sql } from '../../platform/src/kernel/database/statement.ts'
import { module, product } from '../../platform/src/kernel/module.ts'
import { operation } from '../../platform/src/kernel/operation.ts'
import { z } from '../../platform/src/kernel/schema.ts'
import { TestInstallation } from '../installation.ts'

/** What staff agree with a tenant counts for its part of the database. */

/** What a statement of an operation runs under. */
const limits = module({
  name: 'limits',
  permissions: { 'limit:read': ['owner'] },
  operations: [
    operation({
      name: 'limits.read',
      summary: 'Says how long its statements may take',
      http: 'GET /limits',
      output: z.object({ timeoutMs: z.number() }),
      permission: 'limit:read',
      async run(ctx) {
        const timeout = sql`select setting::int as timeout_ms from pg_settings where name = 'statement_timeout'`
        return { timeoutMs: (await ctx.db.first<{ timeoutMs: number }>(timeout))?.timeoutMs ?? 0 }
      },
    }),
  ],
})

const staff = { as: 'staff@tenantry.test' }
const member = { as: 'owner@acme.test', tenant: 'acme' }
let atlas: TestInstallation
let acme: string
before(async () => {
  atlas = await TestInstallation.start({ modules: [limits] })
  acme = (await atlas.ask<{ id: string }>('GET', '/api/v1/tenant', member)).id
})
after(() => atlas.stop())

/** The weights with which a tenant's connections were asked for while something was done. */
async function weightsWhile(work: () => Promise<unknown>): Promise<Set<number | undefined>> {
  const { serving } = atlas.installation.databases.cells[0]
  const weights = new Set<number | undefined>()
  const connect = serving.connect.bind(serving)
  serving.connect = (borrower?: Borrower) => {
    if (borrower?.tenantId === acme) weights.add(borrower.weight)
    return connect(borrower)
  }
  await work()
  serving.connect = connect
  return weights
}

const readProjects = () => atlas.ask('GET', '/api/v1/projects', member)
const changed = (plan: string) =>
  atlas.request('POST', `/api/v1/staff/tenants/${acme}/change-plan`, { ...staff, body: { plan, reason: 'Agreed' } })

test('another plan gives another weight at once, and leaves its reason in the audit log', async () => {
  await readProjects()
  assert.deepEqual(await weightsWhile(readProjects), new Set([1]))
  const { status, body } = await changed('business')
  assert.deepEqual([status, (body as { plan: string }).plan], [200, 'business'])
  // Whoever belongs to the tenant is looked up once more, by the platform itself and without a weight.
  await readProjects()
  assert.deepEqual(await weightsWhile(readProjects), new Set([3]))
  const { items } = await atlas.ask<{ items: { operation: string; id: string }[] }>(
    'GET',
    '/api/v1/audit-events',
    member,
  )
  assert.ok(items.length > 0)
})

test('the time that a statement may take is that of the plan, and is set where the statement runs', async () => {
  const timeout = () => atlas.ask<{ timeoutMs: number }>('GET', '/api/v1/limits', member)
  await changed('standard')
  const { timeoutMs: standardMs } = await timeout()
  assert.ok(standardMs > 5_000 && standardMs <= 10_000, `${standardMs} ms`)
  await changed('business')
  const { timeoutMs: businessMs } = await timeout()
  assert.ok(businessMs > 15_000 && businessMs <= 20_000, `${businessMs} ms`)
})

test('a product whose plans contradict themselves is refused where it is declared', () => {
  const declare = (...plans: Parameters<typeof product>[0]['plans'] & object) =>
    product({ name: 'P', modules: [], plans })
  const standard = { key: 'standard', name: 'Standard' }
  assert.throws(() => declare(standard, standard), /two plans "standard"/)
  assert.throws(() => declare({ ...standard, key: 'Gold!' }), /"Gold!" is no key/)
  assert.throws(() => declare({ ...standard, weight: 0.5 }), /weight of plan "standard" is not from 1 to 10/)
  assert.throws(() => declare({ ...standard, timeoutMs: 999 }), /time-out of plan "standard" is not from 1000 to 60000/)
  assert.throws(() => declare({ ...standard, limits: { read: 0 } }), /read limit of plan "standard" is neither/)
  assert.throws(() => declare({ ...standard, limits: { heavy: 1.5 } }), /heavy limit of plan "standard" is neither/)
  for (const trashDays of [0, 366, 1.5])
    assert.throws(
      () => declare({ ...standard, trashDays }),
      /days in the trash of plan "standard" are not from 1 to 365/,
    )
  const limits = { read: 6_000, write: 1_200, heavy: 60 }
  const smallest = { ...standard, weight: 1, timeoutMs: 10_000, limits, trashDays: 30, entitlements: {} }
  assert.deepEqual(product({ name: 'P', modules: [] }).plans, [smallest])
  assert.deepEqual(declare({ ...standard, limits: { write: Number.POSITIVE_INFINITY } }).plans[0].limits, {
    ...limits,
    write: Number.POSITIVE_INFINITY,
  })
})

test('a plan that the product does not have is refused, naming those that it has', async () => {
  const { status, body } = await changed('gold')
  assert.equal(status, 422)
  const { code, errors } = body as { code: string; errors: { pointer: string; detail: string }[] }
  assert.deepEqual([code, errors[0]?.pointer], ['tenant.unknown_plan', '#/plan'])
  assert.match(errors[0]?.detail ?? '', /standard, business, enterprise/)
})

test('staff see the plans and the cells that there are; a region is anybody’s to choose', async () => {
  const plans = await atlas.ask('GET', '/api/v1/staff/plans', staff)
  assert.deepEqual(plans, {
    items: [
      { key: 'standard', name: 'Standard', weight: 1, timeoutMs: 10_000 },
      { key: 'business', name: 'Business', weight: 3, timeoutMs: 20_000 },
      { key: 'enterprise', name: 'Enterprise', weight: 5, timeoutMs: 20_000 },
    ],
  })
  assert.deepEqual(await atlas.ask('GET', '/api/v1/staff/cells', staff), {
    items: [{ name: 'main', region: 'local', reserved: false }],
  })
  assert.deepEqual(await atlas.ask('GET', '/api/v1/regions', { as: 'viewer@acme.test' }), {
    items: [{ name: 'local' }],
  })
})
