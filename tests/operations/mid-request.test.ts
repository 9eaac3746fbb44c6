import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { module } from '../../platform/src/kernel/module.ts'
import { event, operation } from '../../platform/src/kernel/operation.ts'
import { z } from '../../platform/src/kernel/schema.ts'
import { TestInstallation } from '../installation.ts'

/** What becomes of a request that was let in when its tenant is suspended: all of it or nothing. */

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
  const made = items.filter(({ event: name }) => name === 'mark.made')
  assert.deepEqual(
    made.map(({ resource }) => resource.id),
    [(body as { id: string }).id],
  )
})
