import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Tenant } from '../../platform/src/kernel/context.ts'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { databaseIn } from '../../platform/src/kernel/database/roles.ts'
import { sqlState } from '../../platform/src/kernel/database/server-error.ts'
import { ReadSession } from '../../platform/src/kernel/database/session.ts'
import { ContextSigner, contextValidMs, systemActor } from '../../platform/src/kernel/database/signed-context.ts'
import { sql } from '../../platform/src/kernel/database/statement.ts'
import { findTenant } from '../../platform/src/modules/tenants/store.ts'
import { systemSession } from '../../platform/src/system-session.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { Crowd } from '../isolation/crowd.ts'
import { InstallationProcess, tenantry } from '../start/installation-process.ts'
import { until } from '../until.ts'
import { PgBouncer, serverProcesses, withoutPgBouncer } from './pgbouncer.ts'

/** Many tenants behind PgBouncer in transaction mode, where the next transaction may be on anybody's connection. */

const serverConnections = 2
const clientConnections = 20
const tenantsOfEach = 25

let atlas: TestInstallation
let pooler: PgBouncer
let crowd: Crowd
let folder: string

async function start(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-pooled-'))
  atlas = await TestInstallation.start({
    silos: true,
    async reach({ settings, superuserUrl }) {
      pooler = await PgBouncer.start(superuserUrl, serverConnections)
      return { ...pooler.before(settings), connectionsMax: clientConnections }
    },
  })
  const { databases } = atlas.installation
  const slugs = Array.from({ length: tenantsOfEach }, (_, at) => [`pool-${at}`, `bridge-${at}`] as const).flat()
  for (const slug of slugs) await atlas.foundTenant(slug, { model: slug.startsWith('bridge') ? 'bridge' : 'pool' })
  const tenants = await Promise.all(slugs.map((slug) => findTenant(systemSession(databases.directory), slug)))
  crowd = new Crowd(tenants as Tenant[], (tenant) => databases.of('tenant', tenant))
  await crowd.writeAll()
}

const servingProcesses = () =>
  serverProcesses(atlas.databases.superuserUrl, 'tenantry_serving', databaseIn(atlas.databases.cellUrl))

describe('behind PgBouncer in transaction mode', { skip: withoutPgBouncer }, () => {
  before(start)
  after(async () => {
    await atlas.stop()
    await pooler.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('2,000 random operations of 50 tenants over 2 connections: each sees its own canary and no other', async () => {
    await crowd.interleave(2_000, clientConnections)
    const { open, waiting } = atlas.installation.databases.cells[0].serving.connections
    assert.ok(open > serverConnections, `${open} connections to the pooler`)
    assert.equal(waiting, 0)
    assert.equal((await servingProcesses()).length, serverConnections)
  })

  test('a start that would use named statements through it is refused and says what to set', refuseNamed)
  test('what one sets for its session does not outlive its request', settingsEndWithTheirRequest)
  test('no context, a forged and an expired one are refused while others work on the same connections', refuseContexts)
  test('a tenant with a database of its own is served through the pooler, too', serveSilo)
  test('a connection that PostgreSQL ends fails the one request that it was in', endConnection)
  test('a pooler that is killed is answered with 503, and used again once it is back', killPooler)
})

async function refuseNamed(): Promise<void> {
  const { settings } = atlas.databases
  const [{ servingUrl, migratorUrl }] = settings.cells
  const pooled = {
    TENANTRY_SECRET: settings.secret,
    TENANTRY_DATABASE_URL: pooler.through(servingUrl),
    TENANTRY_MIGRATOR_URL: migratorUrl,
    TENANTRY_CONTROL_URL: pooler.through(settings.controlUrl),
    TENANTRY_DATA: folder,
    TENANTRY_DEMO: 'false',
  }
  await assert.rejects(InstallationProcess.start(pooled), /ended with 1:[^]*TENANTRY_UNNAMED_STATEMENTS=true/)
  const doctor = await tenantry(['doctor'], pooled)
  assert.equal(doctor.code, 1)
  assert.match(doctor.output, /✗ Pooler .*TENANTRY_UNNAMED_STATEMENTS=true/)

  const unnamed = { ...pooled, TENANTRY_UNNAMED_STATEMENTS: 'true' }
  assert.equal((await tenantry(['doctor'], unnamed)).code, 0)
  const server = await InstallationProcess.start(unnamed)
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200)
  assert.equal((await server.end('SIGTERM')).code, 0)
}

async function settingsEndWithTheirRequest(): Promise<void> {
  const [one, other] = crowd.tenants as [Tenant, Tenant]
  const settings = { 'app.context': 'x', search_path: 'pg_catalog', row_security: 'off' }
  for (const [name, value] of Object.entries(settings)) {
    await new ReadSession(crowd.sessionOf(one)).all(sql`select set_config(${name}, ${value}, false)`)
    for (let request = 0; request < 2 * serverConnections; request++) {
      await Promise.all([crowd.assertAlone(other), crowd.write(other), crowd.assertAlone(one)])
    }
  }
}

async function refuseContexts(): Promise<void> {
  const [{ id: tenantId } = { id: '' }] = crowd.tenants
  const login = atlas.installation.databases.cells[0].servingLogin()
  const { signer } = atlas.installation.databases.cells[0].serving
  const good = signer.sign({ tenantId, actorId: systemActor })
  const late = new ContextSigner(login.key, () => Date.now() - 2 * contextValidMs)
  const refused = { '': 'TNC01', [`${good}0`]: 'TNC02', [late.sign({ tenantId, actorId: systemActor })]: 'TNC03' }
  const attack = async () => {
    for (let round = 0; round < 20; round++) {
      for (const [context, state] of Object.entries(refused)) {
        assert.deepEqual(await outcomeOf(login.url, context), { state })
      }
    }
  }
  await Promise.all([attack(), crowd.interleave(1_000, clientConnections)])
  assert.equal((await outcomeOf(login.url, good)).state, undefined)
}

/** Reads and writes as the serving role in one transaction without any session of ours. */
async function outcomeOf(url: string, context: string): Promise<{ state: string | undefined }> {
  return withClient(url, async (client) => {
    await client.query('begin')
    await client.query('reset all')
    await client.query("select set_config('app.context', $1, true)", [context])
    const error: unknown = await client.query('update pool.projects set name = name').catch((thrown: unknown) => thrown)
    await client.query('rollback')
    return { state: sqlState(error) }
  })
}

async function serveSilo(): Promise<void> {
  await atlas.foundTenant('a-silo', { model: 'silo' })
  const asking = { as: 'owner@acme.test', tenant: 'a-silo' }
  const { id } = await atlas.ask<{ id: string }>('POST', '/api/v1/projects', { ...asking, body: { name: 'Apart' } })
  assert.equal((await atlas.ask<{ name: string }>('GET', `/api/v1/projects/${id}`, asking)).name, 'Apart')
}

async function endConnection(): Promise<void> {
  const { cellUrl } = atlas.databases
  const asking = { as: 'owner@acme.test', tenant: 'acme' }
  await withClient(cellUrl, async (client) => {
    await client.query('begin; lock table pool.projects in exclusive mode')
    const asked = atlas.request('POST', '/api/v1/projects', { ...asking, body: { name: 'Ended by hand' } })
    const waiting = "from pg_locks where not granted and relation = 'pool.projects'::regclass"
    await until('the insert waits', async () => (await rowsOf(cellUrl, `select ${waiting}`)).length > 0)
    const reading = Array.from({ length: 10 }, () => atlas.request('GET', '/api/v1/projects', asking))
    await rowsOf(cellUrl, `select pg_terminate_backend(pid) ${waiting}`)
    const { status, body } = await asked
    assert.deepEqual([status, (body as { code: string }).code], [503, 'platform.unavailable'])
    for (const reply of await Promise.all(reading)) assert.equal(reply.status, 200)
    await client.query('rollback')
  })
  assert.deepEqual(await rowsOf(cellUrl, "select from pool.projects where name = 'Ended by hand'"), [])
  await crowd.writeAll()
}

async function killPooler(): Promise<void> {
  const asking = { as: 'owner@acme.test', tenant: 'acme' }
  const read = () => atlas.request('GET', '/api/v1/projects', asking)
  await Promise.all(Array.from({ length: 20 }, read))
  await pooler.kill()
  for (const { status, body } of await Promise.all(Array.from({ length: 20 }, read)))
    assert.deepEqual([status, (body as { code: string }).code], [503, 'platform.unavailable'])
  await pooler.run()
  await until('it serves again', async () => (await read()).status === 200, 5_000)
  await crowd.interleave(200, clientConnections)
  // That rate limits go by each process meanwhile somebody is told.
  const isKnown = (message: string) => message === 'the store of rate limits is lost'
  assert.deepEqual(
    atlas.log.lines.filter(({ fields, message }) => fields['alert'] === true && !isKnown(message)),
    [],
  )
}
