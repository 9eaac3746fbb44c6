import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { givenUpMessages } from '../../platform/src/given-up-messages.ts'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { siloName, urlFor } from '../../platform/src/kernel/database/roles.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'
import { givenUpMessage } from './given-up-message.ts'
import { marksNotedBy } from './marks.ts'

/** Work that the platform has given up is found wherever it lies, and is done once somebody has it repeated. */

const staff = { as: 'staff@tenantry.test' }
const models = ['pool', 'bridge', 'silo'] as const
let isBroken = true
const noted: string[] = []
const marks = marksNotedBy(async ({ tenant }) => {
  if (isBroken) throw new Error('the pen is empty')
  noted.push(tenant.slug)
})

let atlas: TestInstallation
/** The outbox of each tenant, as superuser. */
const outboxOf = new Map<string, { url: string; table: string }>()
before(async () => {
  atlas = await TestInstallation.start({ silos: true, cells: [{ name: 'eu-1', region: 'eu' }], modules: [marks] })
  const { cellUrl } = atlas.databases
  for (const model of models) {
    await atlas.foundTenant(model, { model, cell: 'main' })
    const id = await idOf(model)
    const url = model === 'silo' ? urlFor(cellUrl, { database: siloName(id) }) : cellUrl
    outboxOf.set(model, { url, table: model === 'bridge' ? `t_${id.replaceAll('-', '')}.outbox` : 'pool.outbox' })
  }
})
after(() => atlas.stop())

async function idOf(slug: string): Promise<string> {
  const [row] = await rowsOf(atlas.databases.controlUrl, 'select id from control.tenants where slug = $1', [slug])
  return String(row?.['id'])
}

/** Makes a mark whose note fails for the twelfth time. Returns the id of the message. */
async function giveUp(slug: string): Promise<string> {
  const { url, table } = outboxOf.get(slug) as { url: string; table: string }
  const id = await idOf(slug)
  const messages = async (condition: string) =>
    rowsOf(url, `select id from ${table} where tenant_id = $1 and name = 'marks.note' and ${condition}`, [id])
  await atlas.ask('POST', '/api/v1/marks', { as: 'owner@acme.test', tenant: slug })
  await until('it has failed', async () => (await messages('attempts = 1')).length === 1)
  await rowsOf(
    url,
    `update ${table} set attempts = 11, available_at = now() where name = 'marks.note' and attempts = 1`,
  )
  const { relay, databases, gates } = atlas.installation
  relay.nudge(databases.of('tenant', await gates.tenantOf(id)))
  await until('it is given up', async () => (await messages('failed_at is not null')).length === 1)
  return String((await messages('failed_at is not null'))[0]?.['id'])
}

const found = () => givenUpMessages(atlas.installation.databases)
const repeat = (id: string, tenant: string | undefined) =>
  atlas.request('POST', `/api/v1/staff/outbox-messages/${id}/repeat`, {
    ...staff,
    body: { reason: 'The pen is full', ...(tenant === undefined ? {} : { tenant }) },
  })

test('what was given up in a pool, a schema or a database of a tenant is found, and done once it is repeated', async () => {
  for (const slug of models) {
    isBroken = true
    const id = await giveUp(slug)
    const { messages, unreachable } = await found()
    assert.deepEqual(unreachable, [])
    const tenantId = await idOf(slug)
    const [message, ...others] = messages
    assert.equal(others.length, 0)
    const { kind, name, attempts, error } = message ?? {}
    assert.deepEqual([message?.id, message?.tenantId], [id, tenantId])
    assert.deepEqual([kind, name, attempts, error], ['job', 'marks.note', 12, 'the pen is empty'])

    isBroken = false
    assert.equal((await repeat(id, tenantId)).status, 202, slug)
    await until('it is done', () => Promise.resolve(noted.includes(slug)))
    assert.deepEqual((await found()).messages, [])
    // The second time there is nothing to repeat, and nothing is done twice.
    assert.equal((await repeat(id, tenantId)).status, 404)
    assert.equal(noted.filter((each) => each === slug).length, 1)
  }
})

test('a repetition is on record with its reason and whose message it was', async () => {
  const events = await rowsOf(
    atlas.databases.controlUrl,
    `select after ->> 'reason' as reason, after ->> 'tenantId' as tenant_id from control.audit_events
      join control.audit_values on event_id = id where event = 'outboxMessage.repeated' order by at`,
  )
  const tenants = await Promise.all(models.map(idOf))
  assert.deepEqual(
    events,
    tenants.map((tenantId) => ({ reason: 'The pen is full', tenant_id: tenantId })),
  )
})

test('a bridge schema rings for what is repeated, so that any process looks into it', async () => {
  isBroken = true
  const id = await giveUp('bridge')
  const { url, table } = outboxOf.get('bridge') as { url: string; table: string }
  const bells = () => rowsOf(url, 'select from tenancy.bells where schema_name = $1', [table.split('.')[0]])
  // What is given up waits for nobody.
  await until('the bell is silent', async () => (await bells()).length === 0)
  await atlas.installation.relay.stop()
  assert.equal((await repeat(id, await idOf('bridge'))).status, 202)
  assert.equal((await bells()).length, 1)
})

test('what belongs to no tenant is in the control database, and is repeated without naming one', async () => {
  const id = await givenUpMessage(atlas.databases)
  const [message] = (await found()).messages.filter((each) => each.id === id)
  assert.deepEqual([message?.place, message?.tenantId], ['control', null])
  const { status, body } = await repeat(id, undefined)
  assert.equal(status, 202)
  assert.deepEqual(body, { id, tenantId: null, kind: 'event', name: 'nothing.happened', place: 'control' })
})

test('a place that cannot be asked is named with the cause, and all others are asked', async () => {
  const silo = await idOf('silo')
  await rowsOf(atlas.databases.controlUrl, "update control.tenants set silo_credential = 'x' where slug = 'silo'")
  // Of another process, which has not opened the silo before.
  const databases = new Databases(atlas.databases.settings)
  databases.cells[1]?.close('it could not be migrated')
  try {
    const { unreachable } = await givenUpMessages(databases)
    assert.deepEqual(unreachable, [
      { place: 'cell eu-1', error: 'cell eu-1 is closed: it could not be migrated' },
      {
        place: `silo ${silo}`,
        error: `the credential of silo ${silo} was not sealed with this installation's secret`,
      },
    ])
  } finally {
    await databases.end()
  }
})
