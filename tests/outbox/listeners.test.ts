import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start()
})
after(() => atlas.stop())

test('an event that nobody listens to is done from the start, one with a listener once it has been handled', async () => {
  const { cellUrl, controlUrl } = atlas.databases
  const project = await atlas.ask<{ id: string }>('POST', '/api/v1/projects', {
    as: 'owner@acme.test',
    tenant: 'acme',
    body: { name: 'Gripper' },
  })
  const unheard = await rowsOf(
    cellUrl,
    "select done_at = created_at as from_the_start from pool.outbox where name = 'project.created' and payload ->> 'resourceId' = $1",
    [project.id],
  )
  assert.deepEqual(unheard, [{ from_the_start: true }])
  const handled = await rowsOf(
    controlUrl,
    `select distinct o.id from control.outbox o join control.inbox i on i.message_id = o.id
      where o.name = 'tenant.created' and o.done_at > o.created_at`,
  )
  assert.equal(handled.length, 2, 'acme and globex were founded')
})
