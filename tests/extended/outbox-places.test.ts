import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Installation } from '../../platform/src/installation.ts'
import type { DatabasesSettings } from '../../platform/src/kernel/database/databases.ts'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { BetterAuthProvider } from '../../platform/src/modules/identity/better-auth.ts'
import { PasswordHashing } from '../../platform/src/modules/identity/password-hashing.ts'
import product from '../../product/app.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { marksNotedBy } from '../outbox/marks.ts'
import { until } from '../until.ts'

/** Work in the background for tenants whose place is away, behind or wrong: it is neither lost nor said to be done. */

const owner = 'owner@acme.test'
const staff = { as: 'staff@tenantry.test' }
let noted = 0
const marks = marksNotedBy(async () => {
  noted++
})

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start({
    silos: true,
    cells: [{ name: 'eu-1', region: 'eu' }],
    modules: [marks],
    async reach({ settings }) {
      const [main, eu] = settings.cells
      assert.ok(eu)
      // No replica, so that nobody reads from it: but callers are told how far the log is.
      return { ...settings, cells: [main, { ...eu, replicaUrl: eu.servingUrl }] }
    },
  })
  for (const model of ['pool', 'bridge'] as const) await atlas.foundTenant(`mixed-${model}`, { model, region: 'eu' })
  await atlas.foundTenant('unreadable', { model: 'silo' })
  for (const slug of ['readable', 'behind', 'stuck']) await atlas.foundTenant(slug, { model: 'bridge' })
  for (const slug of ['held', 'due']) await atlas.foundTenant(slug, {})
})
after(() => atlas.stop())

const inControl = (text: string, values: unknown[] = []) => rowsOf(atlas.databases.controlUrl, text, values)

/** The relay of another process in place of the one that serves. */
async function withWorker(databases: DatabasesSettings, work: () => Promise<void>, aheadMs = 0): Promise<void> {
  const worker = new Installation({
    product: { ...product, modules: [...product.modules, marks] },
    databases,
    identity: new BetterAuthProvider(new PasswordHashing()),
    mailer: atlas.inbox,
    publicUrl: atlas.url,
    log: atlas.log,
    now: () => new Date(Date.now() + aheadMs),
  })
  worker.relay.start()
  try {
    await work()
  } finally {
    await worker.close()
  }
}

async function idOf(slug: string): Promise<string> {
  const [row] = await inControl('select id from control.tenants where slug = $1', [slug])
  return String(row?.['id'])
}

async function cancelled(slug: string): Promise<string> {
  const id = await idOf(slug)
  await atlas.ask('POST', `/api/v1/staff/tenants/${id}/cancel`, { ...staff, body: { slug, reason: 'A test' } })
  await inControl('update control.tenants set purge_after = now() where id = $1', [id])
  return id
}

async function purged(slug: string): Promise<string> {
  const id = await cancelled(slug)
  await atlas.ask('POST', `/api/v1/staff/tenants/${id}/purge`, { ...staff, body: { slug, reason: 'A test' } })
  return id
}

const isErased = async (id: string) =>
  (await inControl('select from control.tenants where id = $1 and erased_at is not null', [id])).length === 1

const erasure = async (id: string) =>
  (
    await inControl("select attempts, failed_at from control.outbox where tenant_id = $1 and name = 'tenants.erase'", [
      id,
    ])
  )[0]

/** The next attempt is due at once, and would be the last of a dozen. */
const lastTry = (id: string) =>
  inControl(
    "update control.outbox set attempts = 11, available_at = now() where tenant_id = $1 and name = 'tenants.erase'",
    [id],
  )

test('what a purged tenant has left is erased in the end, however long its cell is away', async () => {
  await atlas.foundTenant('long-away', { region: 'eu' })
  const joinAgain = await atlas.databases.takeDown('eu-1')
  const id = await purged('long-away')
  await until('it is tried', async () => Number((await erasure(id))?.['attempts']) > 0)
  await lastTry(id)
  await until('it is tried for the twelfth time', async () => Number((await erasure(id))?.['attempts']) === 12)
  await joinAgain()
  await inControl('update control.outbox set available_at = now() where tenant_id = $1', [id])
  await until('it is erased', () => isErased(id))
})

test('what was founded while its cell is away is answered as founded, and set up once the cell is there', async () => {
  const joinAgain = await atlas.databases.takeDown('eu-1')
  const body = { name: 'Early', slug: 'early', region: 'eu' }
  const reply = await atlas.request('POST', '/api/v1/tenants', { as: owner, body })
  await joinAgain()
  assert.equal(reply.status, 201)
  // Where its log is cannot be told, so no replica has come so far.
  assert.equal(reply.headers.get('tenantry-written'), 'eu-1:FFFFFFFF/FFFFFFFF')
  const state = async () => (await inControl("select state from control.tenants where slug = 'early'"))[0]?.['state']
  await until('it is set up', async () => (await state()) === 'active')
})

test('nothing is erased, nor said to be, in a database that is not of the tenant’s cell', async () => {
  await atlas.installation.relay.stop()
  const { settings } = atlas.databases
  const [main, eu] = settings.cells
  assert.ok(eu)
  const { servingUrl, migratorUrl } = main
  await withWorker({ ...settings, cells: [main, { ...eu, servingUrl, migratorUrl }] }, async () => {
    for (const model of ['pool', 'bridge'] as const) {
      const id = await purged(`mixed-${model}`)
      await until('it is tried', async () => (await isErased(id)) || Number((await erasure(id))?.['attempts']) > 0)
      assert.equal(await isErased(id), false, model)
    }
  })
})

async function invited(tenant: string, email: string): Promise<void> {
  await atlas.ask('POST', '/api/v1/invitations', { as: owner, tenant, body: { email, role: 'viewer' } })
}

const isMailed = async (email: string) => (await atlas.inbox.letters()).some(({ to }) => to === email)

const setLevel = (change: number, id: string) =>
  inControl('update control.fleet_targets set level = level + $1 where tenant_id = $2', [change, id])

test('a silo whose credential cannot be opened keeps nobody else waiting', async () => {
  await inControl("update control.tenants set silo_credential = 'x' where slug = 'unreadable'")
  await invited('readable', 'readable@example.test')
  await withWorker(atlas.databases.settings, () => until('it is mailed', () => isMailed('readable@example.test')))
})

test('the work of a tenant that is behind this release waits, as its requests do, and costs no attempt', async () => {
  const id = await idOf('behind')
  await atlas.ask('POST', '/api/v1/marks', { as: owner, tenant: 'behind' })
  await setLevel(-1, id)
  const waiting = () =>
    rowsOf(
      atlas.databases.cellUrl,
      `select attempts from t_${id.replaceAll('-', '')}.outbox where done_at is null and available_at > now()`,
    )
  await withWorker(atlas.databases.settings, async () => {
    await until('it rests', async () => (await waiting()).length > 0)
    assert.deepEqual([await waiting(), noted], [[{ attempts: 0 }], 0])
    await setLevel(1, id)
    await until('it is done', async () => noted === 1)
  })
})

test('a tenant that is behind this release can be suspended, cancelled and purged', async () => {
  const id = await idOf('stuck')
  await setLevel(-1, id)
  await wait(1_200)
  const body = { mode: 'blocked', reason: 'A test' }
  await atlas.ask('POST', `/api/v1/staff/tenants/${id}/suspend`, { ...staff, body })
  await purged('stuck')
  await withWorker(atlas.databases.settings, () => until('it is erased', () => isErased(id)))
})

test('a tenant that cannot be purged today holds up no other', async () => {
  const [held, due] = [await cancelled('held'), await cancelled('due')]
  await withClient(atlas.databases.controlUrl, async (client) => {
    await client.query('begin')
    await client.query('select from control.tenants where id = $1 for update', [held])
    const tomorrowMs = 86_400_000
    await withWorker(atlas.databases.settings, () => until('it is erased', () => isErased(due)), tomorrowMs)
    await client.query('rollback')
  })
})
