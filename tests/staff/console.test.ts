import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TestInstallation } from '../installation.ts'

/** What staff see of tenants and accounts, and that they say why they change anything. */

const staff = { as: 'staff@tenantry.test' }

let atlas: TestInstallation
let acme: string
before(async () => {
  atlas = await TestInstallation.start()
  acme = (await atlas.ask<{ id: string }>('GET', '/api/v1/tenant', { as: 'owner@acme.test', tenant: 'acme' })).id
})
after(() => atlas.stop())

/** Each with why it asks for no reason. */
const withoutReason = new Map([
  ['staffFlags.preview', 'changes nothing'],
  ['analytics.measure', 'counts, and changes nothing of anybody'],
  ['tenantAnalytics.measure', 'counts, and changes nothing of anybody'],
  ['staffSupport.end', 'gives access up'],
])

test('every change by staff asks for a reason, and cannot be made without', () => {
  const changes = atlas.installation.operations.filter(
    ({ permission, method }) => permission === 'staff' && method !== 'GET',
  )
  assert.ok(changes.length > 15)
  const silent = changes.filter(
    ({ input }) => !input.shape['reason'] || input.shape['reason'].safeParse(undefined).success,
  )
  assert.deepEqual(silent.map(({ name }) => name).toSorted(), [...withoutReason.keys()].toSorted())
})

test('a tenant is found by a part of its name, by its slug and by how its id begins', async () => {
  const found = async (search: string) => {
    const { items } = await atlas.ask<{ items: { slug: string }[] }>(
      'GET',
      `/api/v1/staff/tenants?${new URLSearchParams({ search })}`,
      staff,
    )
    return items.map(({ slug }) => slug)
  }
  assert.deepEqual(await found('ROBOT'), ['acme'])
  assert.deepEqual(await found('acm'), ['acme'])
  assert.deepEqual([await found(acme), await found(acme.toUpperCase())], [['acme'], ['acme']])
  assert.deepEqual(await found("%' or true --"), [])
})

test('its page shows members with their roles, and what is used of its limits', async () => {
  const { items } = await atlas.ask<{ items: { email: string; role: string }[] }>(
    'GET',
    `/api/v1/staff/tenants/${acme}/members`,
    staff,
  )
  const roles = new Map(items.map(({ email, role }) => [email, role]))
  assert.deepEqual([roles.get('owner@acme.test'), roles.get('viewer@acme.test')], ['owner', 'viewer'])
  const usage = await atlas.ask<{ rates: { rate: string; limit: number }[] }>(
    'GET',
    `/api/v1/staff/tenants/${acme}/usage`,
    staff,
  )
  assert.deepEqual(
    usage.rates.map(({ rate }) => rate),
    ['read', 'write', 'heavy'],
  )
})

test('its members are read page by page', async () => {
  const page = (query: Record<string, string>) =>
    atlas.ask<{ items: { name: string }[]; nextCursor: string | null }>(
      'GET',
      `/api/v1/staff/tenants/${acme}/members?${new URLSearchParams({ limit: '3', ...query })}`,
      staff,
    )
  const first = await page({})
  const second = await page({ cursor: first.nextCursor ?? '' })
  const names = [...first.items, ...second.items].map(({ name }) => name)
  assert.deepEqual(names, ['Diego Ortega', 'Lucía Marín', 'Priya Raman', 'Samuel Kerr'])
  assert.equal(second.nextCursor, null)
})

test('an account is found by its address or name, with its organisations; signed out, it is out everywhere', async () => {
  const as = 'viewer@acme.test'
  const search = async (text: string) =>
    (
      await atlas.ask<{ items: { id: string; email: string }[] }>(
        'GET',
        `/api/v1/staff/users?${new URLSearchParams({ search: text })}`,
        staff,
      )
    ).items
  const [found] = await search('VIEWER@ac')
  assert.equal(found?.email, as)
  assert.deepEqual(await search("' or ''='"), [])
  await atlas.ask('GET', '/api/v1/me', { as })
  const user = await atlas.ask<{ sessions: unknown[]; tenants: { slug: string }[] }>(
    'GET',
    `/api/v1/staff/users/${found?.id}`,
    staff,
  )
  assert.deepEqual([user.sessions.length, user.tenants.map(({ slug }) => slug)], [1, ['acme']])
  assert.ok(!/token|hash|password/i.test(JSON.stringify(user)))
  const body = { reason: 'A lost laptop' }
  const { ended } = await atlas.ask<{ ended: number }>('POST', `/api/v1/staff/users/${found?.id}/end-sessions`, {
    ...staff,
    body,
  })
  assert.equal(ended, 1)
  assert.equal((await atlas.request('GET', '/api/v1/me', { as })).status, 401)
  atlas.forgetCookie(as)
})

test('what staff did is found by who, what and why; what they did to a tenant is in that log alone', async () => {
  const reason = 'A reason like no other'
  const body = { state: 'on', reason }
  const flag = await atlas.ask<{ id: string }>('PUT', '/api/v1/staff/flags/projects.board', { ...staff, body })
  const plan = { plan: 'business', reason: 'They pay for it' }
  await atlas.ask('POST', `/api/v1/staff/tenants/${acme}/change-plan`, { ...staff, body: plan })
  const search = async (query: Record<string, string>) =>
    (
      await atlas.ask<{ items: { operation: string; reason: string; actorName: string }[] }>(
        'GET',
        `/api/v1/staff/actions?${new URLSearchParams(query)}`,
        staff,
      )
    ).items
  for (const text of ['LIKE NO OTHER', 'staffFlags.update', 'tenantry staff'])
    assert.ok(
      (await search({ search: text })).some((action) => action.reason === reason),
      text,
    )
  assert.deepEqual(
    (await search({ resourceId: flag.id })).map((action) => action.reason),
    [reason],
  )
  assert.deepEqual(await search({ search: 'They pay for it' }), [])
  assert.deepEqual(await search({ from: '2040-01-01T00:00:00.000Z' }), [])
  const { items } = await atlas.ask<{ items: { operation: string; reason: string }[] }>(
    'GET',
    `/api/v1/staff/tenants/${acme}/actions`,
    staff,
  )
  assert.deepEqual(items.map((action) => [action.operation, action.reason])[0], [
    'staffTenants.changePlan',
    'They pay for it',
  ])
  assert.ok(items.every((action) => action.operation.startsWith('staff')))
})
