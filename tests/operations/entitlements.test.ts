import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { resourcesOf } from '../../platform/src/kernel/access/resource.ts'
import { Entitlements } from '../../platform/src/kernel/entitlement.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { type Module, module, type Plan, product } from '../../platform/src/kernel/module.ts'
import { operation } from '../../platform/src/kernel/operation.ts'
import { id } from '../../platform/src/kernel/schema.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'

/** How many records a plan allows: asked when one is made and when one is restored, whoever else tries meanwhile. */

const most = 3
const owner = { as: 'owner@acme.test', tenant: 'acme' }
const staff = { as: 'staff@tenantry.test' }

interface Counted {
  readonly entitlement: string
  readonly used: number
  readonly limit: number
  readonly warnsAt: number
}

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start({ entitlements: { projects: most }, silos: true })
  for (const model of ['bridge', 'silo'] as const) await atlas.foundTenant(model, { model })
})
after(() => atlas.stop())

const inTenant = (tenant: string) => ({ as: 'owner@acme.test', tenant })
const createdIn = (tenant: string, headers: Record<string, string> = {}) =>
  atlas.request('POST', '/api/v1/projects', { ...inTenant(tenant), headers, body: { name: `Project ${newId()}` } })
const idsIn = async (tenant: string) =>
  (await atlas.ask<{ items: { id: string }[] }>('GET', '/api/v1/projects', inTenant(tenant))).items.map(({ id }) => id)
const usedIn = async (tenant: string) =>
  (await atlas.ask<{ records: Counted[] }>('GET', '/api/v1/usage', inTenant(tenant))).records[0]?.used
const moveToTrash = (tenant: string, project: string) =>
  atlas.ask('DELETE', `/api/v1/projects/${project}`, inTenant(tenant))
const restore = (tenant: string, project: string, headers: Record<string, string> = {}) =>
  atlas.request('POST', `/api/v1/projects/${project}/restore`, { ...inTenant(tenant), headers })
const codeOf = ({ body }: { body: unknown }) => (body as { code?: string }).code

/** As many as the plan allows, and no more. */
async function fill(tenant: string): Promise<string[]> {
  for (;;) if ((await createdIn(tenant)).status !== 201) return idsIn(tenant)
}

for (const tenant of ['acme', 'bridge', 'silo'])
  describe(`an organisation with as many projects as its plan allows (${tenant})`, () => {
    test('makes no more of them, and is told why', async () => {
      assert.equal((await fill(tenant)).length, most)
      const { status, body } = await createdIn(tenant)
      const { code, detail } = body as { code: string; detail: string }
      assert.deepEqual([status, code], [422, 'entitlement.exhausted'])
      assert.match(detail, /allows 3 projects/)
      assert.equal((await idsIn(tenant)).length, most)
    })

    test('restores none beyond it; what could not be restored stays in the trash, and is restored once there is room', async () => {
      const [first = '', second = ''] = await fill(tenant)
      await moveToTrash(tenant, first)
      assert.equal((await createdIn(tenant)).status, 201)
      const key = { 'idempotency-key': newId() }
      const refused = await restore(tenant, first, key)
      assert.deepEqual([refused.status, codeOf(refused)], [422, 'entitlement.exhausted'])
      assert.ok(!(await idsIn(tenant)).includes(first))
      await moveToTrash(tenant, second)
      // What was refused is not what the key is answered from now on.
      assert.equal((await restore(tenant, first, key)).status, 200)
      assert.equal((await restore(tenant, second)).status, 422)
      assert.equal((await idsIn(tenant)).length, most)
    })

    test('has room for one, and one of twenty who want it at once gets it', async () => {
      const [first = ''] = await fill(tenant)
      await moveToTrash(tenant, first)
      const replies = await Promise.all(
        Array.from({ length: 20 }, (_, nth) => (nth % 4 === 0 ? restore(tenant, first) : createdIn(tenant))),
      )
      assert.equal(replies.filter(({ status }) => status < 300).length, 1)
      assert.deepEqual([await usedIn(tenant), (await idsIn(tenant)).length], [most, most])
    })
  })

test('members see what is used of it, and so do staff; what others have does not count', async () => {
  await fill('acme')
  const { records } = await atlas.ask<{ records: Counted[] }>('GET', '/api/v1/usage', owner)
  assert.deepEqual(records, [{ entitlement: 'projects', used: most, limit: most, warnsAt: 3 }])
  assert.equal((await atlas.request('POST', '/api/v1/projects', globex('Theirs'))).status, 201)
  const { id: tenantId } = await atlas.ask<{ id: string }>('GET', '/api/v1/tenant', owner)
  const seen = await atlas.ask<{ records: Counted[] }>('GET', `/api/v1/staff/tenants/${tenantId}/usage`, staff)
  assert.deepEqual(seen.records, records)
})

const globex = (name: string) => ({ as: 'owner@globex.test', tenant: 'globex', body: { name } })

test('another plan counts within a second; more than it allows stay, and none is added', async () => {
  await fill('acme')
  const { id: tenantId } = await atlas.ask<{ id: string }>('GET', '/api/v1/tenant', owner)
  const changeTo = async (plan: string) => {
    await atlas.ask('POST', `/api/v1/staff/tenants/${tenantId}/change-plan`, {
      ...staff,
      body: { plan, reason: 'Agreed' },
    })
    const limit = plan === 'standard' ? most : 5_000
    await until(`the plan is ${plan}`, async () => {
      const { records } = await atlas.ask<{ records: Counted[] }>('GET', '/api/v1/usage', owner)
      return records[0]?.limit === limit
    })
  }
  await changeTo('business')
  assert.equal((await createdIn('acme')).status, 201)
  await changeTo('standard')
  assert.deepEqual([await usedIn('acme'), (await createdIn('acme')).status], [most + 1, 422])
  const [first = ''] = await idsIn('acme')
  await moveToTrash('acme', first)
  assert.equal((await createdIn('acme')).status, 422)
})

describe('declarations that contradict each other are refused at the start', () => {
  const note = { table: 'notes', trash: { name: 'title' } }
  const writes = (permission: `${string}:${string}`, entitlement?: string) =>
    operation({
      name: 'notes.write',
      summary: 'Write a note',
      http: 'POST /notes/{id}',
      input: { id: id() },
      permission,
      ...(entitlement === undefined ? {} : { entitlement }),
      run: async () => {},
    })
  const notes = (more: Partial<Parameters<typeof module>[0]>) =>
    module({ name: 'notes', resources: { note }, entitlements: { notes: { records: 'note' } }, ...more })
  const entitled = (modules: readonly Module[], entitlements: Plan['entitlements'] = {}) => {
    const { plans } = product({ name: 'P', modules: [], plans: [{ key: 'standard', name: 'Standard', entitlements }] })
    return new Entitlements(modules, resourcesOf(modules), plans)
  }

  test('an operation that makes or restores what is limited, and does not say so', () => {
    for (const permission of ['note:create', 'note:restore'] as const)
      assert.throws(() => entitled([notes({ operations: [writes(permission)] })]), /has to name the entitlement notes/)
    entitled([notes({ operations: [writes('note:create', 'notes')] })], { notes: 5 })
  })

  test('an entitlement that nothing declares, in a plan or in an operation, or that counts nothing', () => {
    assert.throws(() => entitled([notes({})], { pages: 5 }), /plan "standard" limits pages, which no module declares/)
    assert.throws(() => entitled([notes({ operations: [writes('note:update', 'pages')] })]), /names pages/)
    assert.throws(
      () => entitled([notes({ entitlements: { notes: { records: 'page' } } })]),
      /counts page, which nothing/,
    )
    assert.throws(
      () => entitled([notes({}), module({ name: 'more', entitlements: { notes: { records: 'note' } } })]),
      /twice/,
    )
  })

  test('a plan that allows half a record, or fewer than none', () => {
    for (const allowed of [-1, 0.5, Number.NaN])
      assert.throws(
        () => entitled([notes({})], { notes: allowed }),
        /plan "standard" allows .* notes: neither Infinity nor/,
      )
    entitled([notes({})], { notes: 0 })
  })
})
