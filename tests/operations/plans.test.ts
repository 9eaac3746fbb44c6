import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Borrower } from '../../platform/src/kernel/database/database.ts'
import { TestInstallation } from '../installation.ts'

/** What staff agree with a tenant counts for its part of the database. */

const staff = { as: 'staff@tenantry.test' }
const member = { as: 'owner@acme.test', tenant: 'acme' }
let atlas: TestInstallation
let acme: string
before(async () => {
  atlas = await TestInstallation.start()
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

test('a plan that the product does not have is refused, naming those that it has', async () => {
  const { status, body } = await changed('gold')
  assert.equal(status, 422)
  const { code, errors } = body as { code: string; errors: { pointer: string; detail: string }[] }
  assert.deepEqual([code, errors[0]?.pointer], ['tenant.unknown_plan', '#/plan'])
  assert.match(errors[0]?.detail ?? '', /standard, business/)
})

test('staff see the plans and the cells that there are; a region is anybody’s to choose', async () => {
  const plans = await atlas.ask('GET', '/api/v1/staff/plans', staff)
  assert.deepEqual(plans, {
    items: [
      { key: 'standard', name: 'Standard', weight: 1 },
      { key: 'business', name: 'Business', weight: 3 },
    ],
  })
  assert.deepEqual(await atlas.ask('GET', '/api/v1/staff/cells', staff), {
    items: [{ name: 'main', region: 'local', reserved: false }],
  })
  assert.deepEqual(await atlas.ask('GET', '/api/v1/regions', { as: 'viewer@acme.test' }), {
    items: [{ name: 'local' }],
  })
})
