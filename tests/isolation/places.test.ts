import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { bridgeSchema, siloName, urlFor } from '../../platform/src/kernel/database/roles.ts'
import { newCredential, openCredential } from '../../platform/src/kernel/database/silo-credential.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { rowsOf, testSecret } from '../database.ts'
import { TestInstallation } from '../installation.ts'

/** What only tenants with a schema or a database of their own can suffer. */

interface Row {
  readonly id: string
  readonly slug: string
  readonly siloCredential: string
}

async function tenantsOf(atlas: TestInstallation): Promise<{ acme: Row; globex: Row }> {
  const rows = await rowsOf(
    atlas.databases.controlUrl,
    'select id, slug, silo_credential as "siloCredential" from control.tenants order by slug',
  )
  const [acme, globex] = rows as unknown as [Row, Row]
  return { acme, globex }
}

const asAcme = { as: 'owner@acme.test', tenant: 'acme' }
const asGlobex = { as: 'owner@globex.test', tenant: 'globex' }

test('names follow from the id of a tenant and from nothing else', () => {
  const id = newId()
  assert.match(bridgeSchema(id), /^t_[0-9a-f]{32}$/)
  assert.match(siloName(id), /^tenantry_silo_[0-9a-f]{32}$/)
  for (const other of ['', 'pool', `${id}"; drop schema pool; --`, id.toUpperCase(), `${id}${id}`]) {
    assert.throws(() => bridgeSchema(other), /is no tenant's id/)
    assert.throws(() => siloName(other), /is no tenant's id/)
  }
})

test('the password of a silo opens for its tenant and under the secret it was sealed with, and for nothing else', () => {
  const id = newId()
  const credential = newCredential(testSecret, id)
  assert.match(openCredential(credential, testSecret, id), /^[\w-]{32}$/)
  const altered = `${credential.slice(0, -2)}${credential.endsWith('AA') ? 'BB' : 'AA'}`
  for (const [sealed, secret, tenantId] of [
    [credential, testSecret, newId()],
    [credential, `${testSecret} of another installation`, id],
    [altered, testSecret, id],
    ['', testSecret, id],
  ] as const) {
    assert.throws(() => openCredential(sealed, secret, tenantId), /was not sealed with this installation's secret/)
  }
})

describe('a tenant in the bridge model', () => {
  let atlas: TestInstallation
  let acme: Row
  before(async () => {
    atlas = await TestInstallation.start({ model: 'bridge' })
    acme = (await tenantsOf(atlas)).acme
  })
  after(() => atlas.stop())

  test('has every row in its schema, and none in the pool', async () => {
    const { id } = await atlas.ask<{ id: string }>('POST', '/api/v1/projects', { ...asAcme, body: { name: 'Here' } })
    const { cellUrl } = atlas.databases
    const inSchema = await rowsOf(cellUrl, `select name from ${bridgeSchema(acme.id)}.projects where id = $1`, [id])
    assert.deepEqual(inSchema, [{ name: 'Here' }])
    const tables = ['projects', 'members', 'roles', 'audit_events', 'audit_values', 'outbox', 'inbox']
    for (const table of tables)
      assert.deepEqual(await rowsOf(cellUrl, `select * from pool.${table}`), [], `${table} of the pool`)
  })

  test('finds a message that nobody was told of, and its bell is silent afterwards', async () => {
    const { cellUrl } = atlas.databases
    const schema = bridgeSchema(acme.id)
    const id = newId()
    await rowsOf(
      cellUrl,
      `insert into ${schema}.outbox (tenant_id, id, kind, name, payload, actor_kind, actor_id, request_id, created_at, available_at)
        values ($1, $2, 'event', 'nobody.listens', '{}', 'system', $2, 'test', now(), now())`,
      [acme.id, id],
    )
    for (let times = 0; times < 2; times++) await rowsOf(cellUrl, 'select tenancy.ring($1)', [schema])
    const waiting = async () => {
      const rows = await rowsOf(cellUrl, `select from ${schema}.outbox where id = $1 and done_at is null`, [id])
      const bells = await rowsOf(cellUrl, 'select from tenancy.bells where schema_name = $1', [schema])
      return rows.length + bells.length
    }
    for (let tries = 0; tries < 100 && (await waiting()) > 0; tries++) await wait(100)
    assert.equal(await waiting(), 0)
  })

  test('never finds in the pool, or elsewhere, a table that its own schema has lost', async () => {
    const { cellUrl } = atlas.databases
    const schema = bridgeSchema(acme.id)
    await rowsOf(cellUrl, `alter table ${schema}.tasks rename to tasks_lost`)
    const { status } = await atlas.request('GET', '/api/v1/tasks', asAcme)
    assert.ok(status >= 500, `answered ${status}`)
    assert.equal((await atlas.request('GET', '/api/v1/tasks', asGlobex)).status, 200)
    await rowsOf(cellUrl, `alter table ${schema}.tasks_lost rename to tasks`)
    assert.equal((await atlas.request('GET', '/api/v1/tasks', asAcme)).status, 200)
  })
})

describe('a tenant in the silo model', () => {
  let atlas: TestInstallation
  let acme: Row
  let globex: Row
  before(async () => {
    atlas = await TestInstallation.start({ model: 'silo' })
    ;({ acme, globex } = await tenantsOf(atlas))
  })
  after(() => atlas.stop())

  test('has every row in its database, and none in the pool', async () => {
    const { id } = await atlas.ask<{ id: string }>('POST', '/api/v1/projects', { ...asAcme, body: { name: 'Here' } })
    const own = urlFor(atlas.databases.cellUrl, { database: siloName(acme.id) })
    assert.deepEqual(await rowsOf(own, 'select name from pool.projects where id = $1', [id]), [{ name: 'Here' }])
    assert.deepEqual(await rowsOf(atlas.databases.cellUrl, 'select * from pool.projects'), [])
  })

  test('is reached by its own login alone, which reaches nothing else', async () => {
    const { settings, cellUrl, controlUrl } = atlas.databases
    const { pathname: cell } = new URL(cellUrl)
    const { pathname: control } = new URL(controlUrl)
    const login = (of: Row, database: string) =>
      urlFor(settings.cells[0].servingUrl, {
        login: siloName(of.id),
        password: openCredential(of.siloCredential, testSecret, of.id),
        database,
      })
    assert.equal((await rowsOf(login(acme, siloName(acme.id)), 'select 1 as here')).length, 1)
    const refused = { code: '42501' }
    for (const database of [siloName(globex.id), cell.slice(1), control.slice(1)])
      await assert.rejects(rowsOf(login(acme, database), 'select 1'), refused, database)
    for (const role of ['tenantry_serving', 'tenantry_control', 'tenantry_identity', 'tenantry_provisioner'] as const) {
      const url = urlFor(settings.cells[0].servingUrl, { role, secret: testSecret, database: siloName(acme.id) })
      // The provisioner owns what it makes; it holds no right on the tables in it.
      const asked = role === 'tenantry_provisioner' ? 'select * from pool.projects' : 'select 1'
      await assert.rejects(rowsOf(url, asked), refused)
    }
  })

  test('is not opened by the context of another database', async () => {
    const own = urlFor(atlas.databases.cellUrl, { database: siloName(acme.id) })
    const keys = await rowsOf(own, 'select id from tenancy.signing_keys')
    assert.deepEqual(keys, [{ id: atlas.installation.databases.keyOf(siloName(acme.id)).id }])
  })

  test('is made while somebody is connected to the template, as soon as they have gone', async () => {
    const { superuserUrl, cellUrl } = atlas.databases
    const template = new pg.Client(urlFor(superuserUrl, { database: `${new URL(cellUrl).pathname.slice(1)}_template` }))
    await template.connect()
    const gone = wait(700).then(() => template.end())
    await atlas.foundTenant('initech', { model: 'silo' })
    await gone
    const asOwner = { as: 'owner@acme.test', tenant: 'initech' }
    for (let tries = 0; tries < 100; tries++) {
      if ((await atlas.request('GET', '/api/v1/projects', asOwner)).status === 200) break
      await wait(100)
    }
    assert.deepEqual((await atlas.request('GET', '/api/v1/projects', asOwner)).body, { items: [], nextCursor: null })
  })
})
