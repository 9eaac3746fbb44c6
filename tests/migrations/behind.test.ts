import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'

/** A tenant whose own schema lacks a migration waits; all others are served. */

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start({ model: 'bridge' })
})
after(() => atlas.stop())

const projectsOf = async (slug: string) => {
  const { status, body, headers } = await atlas.request('GET', '/api/v1/projects', {
    as: `owner@${slug}.test`,
    tenant: slug,
  })
  return { status, code: (body as { code?: string }).code, retryAfter: headers.get('retry-after') }
}

/** Answers are remembered for a second. */
const remembered = () => wait(1_200)

test('a tenant that was just made stands where this release wants it', async () => {
  const rows = await rowsOf(
    atlas.databases.controlUrl,
    'select level = wanted as there, state from control.fleet_targets where tenant_id is not null',
  )
  assert.deepEqual(rows, [
    { there: true, state: 'current' },
    { there: true, state: 'current' },
  ])
})

test('one that is behind is refused with 503, with an alert, and served again once it has caught up', async () => {
  const { controlUrl } = atlas.databases
  const ofAcme = "where tenant_id = (select id from control.tenants where slug = 'acme')"
  await rowsOf(controlUrl, `update control.fleet_targets set level = level - 1, state = 'failed' ${ofAcme}`)
  await remembered()
  assert.deepEqual(await projectsOf('acme'), { status: 503, code: 'tenant.migrating', retryAfter: '5' })
  assert.equal((await projectsOf('globex')).status, 200)
  const alerts = atlas.log.lines.filter(
    ({ message, fields }) => fields['alert'] && message.includes('behind this release'),
  )
  assert.deepEqual(
    alerts.map(({ fields }) => fields['tenants']),
    [1],
  )

  await rowsOf(controlUrl, `update control.fleet_targets set level = level + 1, state = 'current' ${ofAcme}`)
  await remembered()
  assert.equal((await projectsOf('acme')).status, 200)
})

test('one that is ahead is served: a release goes on while the next is being rolled out', async () => {
  await rowsOf(
    atlas.databases.controlUrl,
    'update control.fleet_targets set level = level + 1 where tenant_id is not null',
  )
  await remembered()
  assert.equal((await projectsOf('acme')).status, 200)
})
