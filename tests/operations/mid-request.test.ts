import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { module } from '../../platform/src/kernel/module.ts'
import { event, operation } from '../../platform/src/kernel/operation.ts'
import { z } from '../../platform/src/kernel/schema.ts'
import { type Asking, TestInstallation } from '../installation.ts'

/** What becomes of a request that was let in when what let it in is taken away: it is carried to its end, and the next is refused. */

let isInside = () => {}
let letGo = () => {}
const markMade = event('mark.made', { version: 1 })

/** An operation that stays inside until it is let go. */
const marks = module({
  name: 'marks',
  permissions: { 'mark:make': ['owner'] },
  operations: [
    operation({
      name: 'marks.make',
      summary: 'Makes a mark, once it is told to',
      http: 'POST /marks',
      output: z.object({ id: z.uuid() }),
      permission: 'mark:make',
      emits: [markMade],
      async run(ctx) {
        const id = ctx.newId()
        const released = new Promise<void>((resolve) => {
          letGo = resolve
        })
        isInside()
        await released
        ctx.record(markMade, { after: { id } })
        return { id }
      },
    }),
  ],
})

const owner = { as: 'owner@acme.test', tenant: 'acme' }
const staff = { as: 'staff@tenantry.test' }
let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start({ modules: [marks] })
})
after(() => atlas.stop())

/** A request that waits inside until what is done meanwhile is done. */
async function whileInside(asking: Asking, meanwhile: () => Promise<unknown>): Promise<number> {
  const entered = new Promise<void>((resolve) => {
    isInside = resolve
  })
  const inWork = atlas.request('POST', '/api/v1/marks', asking)
  await entered
  await meanwhile()
  letGo()
  return (await inWork).status
}

const viewer = { as: 'viewer@acme.test', tenant: 'acme' }

/** Lets the viewer make marks. */
async function giveMarks(expiresAt: string | null): Promise<string> {
  const { items } = await atlas.ask<{ items: { email: string; userId: string }[] }>('GET', '/api/v1/members', owner)
  const principalId = items.find(({ email }) => email === viewer.as)?.userId
  const role = { name: `Marks ${expiresAt}`, permissions: [{ permission: 'mark:make' }] }
  const { id: roleId } = await atlas.ask<{ id: string }>('POST', '/api/v1/roles', { ...owner, body: role })
  const given = { ...owner, body: { principalId, roleId, expiresAt } }
  return (await atlas.ask<{ id: string }>('POST', '/api/v1/assignments', given)).id
}

const refusedWith = async (asking: Asking) => (await atlas.request('POST', '/api/v1/marks', asking)).status

test('a request in work when its permission is withdrawn is committed; the next one is refused', async () => {
  const assignment = await giveMarks(null)
  const withdraw = () => atlas.ask('DELETE', `/api/v1/assignments/${assignment}`, owner)
  assert.equal(await whileInside(viewer, withdraw), 201)
  assert.equal(await refusedWith(viewer), 403)
})

test('a request in work when the assignment that permits it ends is committed; the next one is refused', async () => {
  await giveMarks(new Date(Date.now() + 60_000).toISOString())
  const passTheEnd = async () => {
    atlas.clock.aheadMs = 61_000
  }
  assert.equal(await whileInside(viewer, passTheEnd), 201)
  assert.equal(await refusedWith(viewer), 403)
  atlas.clock.aheadMs = 0
})

test('a request in work when its key is revoked is committed; the next one is not let in', async () => {
  const body = { name: 'Maker', scopes: ['mark:make'] }
  const { id, key } = await atlas.ask<{ id: string; key: string }>('POST', '/api/v1/keys', { ...owner, body })
  assert.equal(await whileInside({ as: key }, () => atlas.ask('DELETE', `/api/v1/keys/${id}`, owner)), 201)
  assert.equal(await refusedWith({ as: key }), 401)
})

test('a request in work when its tenant is suspended is carried to its end and recorded; the next one is refused', async () => {
  const { id: tenant } = await atlas.ask<{ id: string }>('GET', '/api/v1/tenant', owner)
  const entered = new Promise<void>((resolve) => {
    isInside = resolve
  })
  const inWork = atlas.request('POST', '/api/v1/marks', owner)
  await entered
  const suspended = { ...staff, body: { mode: 'blocked', reason: 'A test' } }
  await atlas.ask('POST', `/api/v1/staff/tenants/${tenant}/suspend`, suspended)
  const refused = await atlas.request('POST', '/api/v1/marks', owner)
  assert.deepEqual([refused.status, (refused.body as { code: string }).code], [403, 'tenant.suspended'])
  letGo()
  const { status, body } = await inWork
  assert.equal(status, 201)
  await atlas.ask('POST', `/api/v1/staff/tenants/${tenant}/reactivate`, { ...staff, body: { reason: 'Over' } })
  const { items } = await atlas.ask<{ items: { event: string; resource: { id: string } }[] }>(
    'GET',
    '/api/v1/audit-events',
    owner,
  )
  const { id } = body as { id: string }
  assert.equal(items.filter(({ event: name, resource }) => name === 'mark.made' && resource.id === id).length, 1)
})
