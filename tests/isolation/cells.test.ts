import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { ClosedCells } from '../../platform/src/closed-cells.ts'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { bridgeSchema, databaseIn, siloName } from '../../platform/src/kernel/database/roles.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { migrate } from '../../platform/src/migrate.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import { type ResidencyReport, residencyOf } from '../../platform/src/residency.ts'
import product from '../../product/app.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'

/** Several cells in several regions: whoever is founded in one stays there, and a cell that is down is no one else's. */

const owner = 'owner@acme.test'
let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start({
    silos: true,
    cells: [
      { name: 'eu-1', region: 'eu' },
      { name: 'acme-server', region: 'eu', reserved: true },
    ],
  })
})
after(() => atlas.stop())

const models = ['pool', 'bridge', 'silo'] as const

/** Founds a tenant and leaves a project in it. */
async function founded(slug: string, place: Parameters<TestInstallation['foundTenant']>[1]): Promise<void> {
  await atlas.foundTenant(slug, place)
  await atlas.ask('POST', '/api/v1/projects', { as: owner, tenant: slug, body: { name: `Canary of ${slug}` } })
}

async function tenantNamed(slug: string) {
  const tenant = await atlas.installation.gates.tenantOf(slug)
  assert.ok(tenant)
  return tenant
}

async function residency(slug: string): Promise<ResidencyReport> {
  const { databases, modules } = atlas.installation
  return residencyOf(databases, modules, await tenantNamed(slug))
}

function superuserUrlOf(cell: string): string {
  const settings = atlas.databases.settings.cells.find(({ name }) => name === cell)
  assert.ok(settings)
  const url = new URL(atlas.databases.superuserUrl)
  url.pathname = `/${databaseIn(settings.servingUrl)}`
  return url.href
}

for (const model of models) {
  test(`what a ${model} tenant of a region writes is in a cell of that region and nowhere else`, async () => {
    const slug = `eu-${model}`
    await founded(slug, { model, region: 'eu' })
    const report = await residency(slug)
    const projects = report.residences.find(({ kind }) => kind === 'projects')
    assert.deepEqual([projects?.region, projects?.rows], ['eu', 1])
    assert.match(projects?.place ?? '', /cell eu-1$/)
    assert.deepEqual(report.searched, ['main', 'acme-server'])
    assert.deepEqual([report.strays, report.unreachable], [[], []])
    const { id } = await tenantNamed(slug)
    const found = `select (select count(*) from pg_namespace where nspname = $1) as schemas,
      (select count(*) from pg_database where datname = $2) as databases`
    const [there] = await rowsOf(superuserUrlOf('eu-1'), found, [bridgeSchema(id), siloName(id)])
    assert.deepEqual(there, { schemas: model === 'bridge' ? '1' : '0', databases: model === 'silo' ? '1' : '0' })
  })
}

test('the report finds rows of a tenant that somebody has put into another cell', async () => {
  await founded('strayed', { region: 'eu' })
  const { id } = await tenantNamed('strayed')
  const copied = `insert into pool.projects (tenant_id, id, name, description, state, created_at, updated_at)
    values ($1, uuidv7(), 'Stray', '', 'planned', now(), now())`
  await rowsOf(superuserUrlOf('main'), copied, [id])
  const { strays } = await residency('strayed')
  assert.deepEqual(
    strays.map(({ kind, place, region, rows }) => ({ kind, place, region, rows })),
    [{ kind: 'projects', place: 'cell main', region: 'local', rows: 1 }],
  )
})

test('anybody may choose a region; a reserved cell takes only whom staff put there', async () => {
  const regions = await atlas.ask<{ items: { name: string }[] }>('GET', '/api/v1/regions', { as: owner })
  assert.deepEqual(regions.items, [{ name: 'local' }, { name: 'eu' }])
  const body = { name: 'In Europe', slug: 'in-europe', region: 'eu' }
  await atlas.ask('POST', '/api/v1/tenants', { as: owner, body })
  assert.equal((await tenantNamed('in-europe')).placement.cell, 'eu-1')
  await founded('dedicated', { model: 'silo', cell: 'acme-server' })
  assert.deepEqual((await tenantNamed('dedicated')).placement.cell, 'acme-server')
  assert.equal((await tenantNamed('acme')).placement.cell, 'main')
})

test('a region or cell that is not there is refused, naming those that are, and no tenant is left behind', async () => {
  const nowhere = { name: 'Nowhere', slug: 'nowhere', region: 'mars' }
  const reply = await atlas.request('POST', '/api/v1/tenants', { as: owner, body: nowhere })
  assert.equal(reply.status, 422)
  const { code, errors } = reply.body as { code: string; errors: { pointer: string; detail: string }[] }
  assert.equal(code, 'place.unknown')
  assert.equal(errors[0]?.pointer, '#/region')
  assert.match(errors[0]?.detail ?? '', /local, eu/)
  await assert.rejects(atlas.foundTenant('nowhere', { region: 'eu', cell: 'main' }), /no such region or cell/)
  assert.equal(await atlas.installation.gates.tenantOf('nowhere'), undefined)
})

test('a tenant whose cell is configured for another region is neither read nor written there', async () => {
  await founded('moved', { region: 'eu' })
  const setRegion = (region: string) =>
    rowsOf(atlas.databases.controlUrl, "update control.tenants set region = $1 where slug = 'moved'", [region])
  await setRegion('us')
  atlas.installation.gates.forget()
  for (const [method, body] of [['POST', { name: 'Outside' }], ['GET']] as const) {
    const reply = await atlas.request(method, '/api/v1/projects', { as: owner, tenant: 'moved', body })
    assert.equal(reply.status, 503)
    assert.equal((reply.body as { code: string }).code, 'tenant.outside_region')
  }
  await setRegion('eu')
  atlas.installation.gates.forget()
  const { items } = await atlas.ask<{ items: object[] }>('GET', '/api/v1/projects', { as: owner, tenant: 'moved' })
  assert.equal(items.length, 1)
})

test('a tenant in a cell that this process does not know is refused by name, and the others are served', async () => {
  await founded('elsewhere', { region: 'eu' })
  const setCell = (cell: string) =>
    rowsOf(atlas.databases.controlUrl, "update control.tenants set cell = $1 where slug = 'elsewhere'", [cell])
  await setCell('eu-9')
  atlas.installation.gates.forget()
  const reply = await atlas.request('GET', '/api/v1/projects', { as: owner, tenant: 'elsewhere' })
  assert.equal(reply.status, 503)
  assert.equal((reply.body as { code: string }).code, 'tenant.unreachable')
  assert.ok(reply.headers.get('retry-after'))
  assert.equal(await atlas.statusIn('acme'), 200)
  await setCell('eu-1')
  atlas.installation.gates.forget()
  assert.equal(await atlas.statusIn('elsewhere'), 200)
})

test('two cells whose URLs were mixed up are noticed before anything is written', async () => {
  const { settings } = atlas.databases
  const [main, eu, ...others] = settings.cells
  assert.ok(eu)
  const mixed = [
    { ...main, servingUrl: eu.servingUrl, migratorUrl: eu.migratorUrl },
    { ...eu, servingUrl: main.servingUrl, migratorUrl: main.migratorUrl },
    ...others,
  ] as const
  const outcome = await migrate({ ...settings, cells: mixed }, [...platformModules, ...product.modules])
  assert.deepEqual([...outcome.failedCells.keys()], ['main', 'eu-1'])
  const said = outcome.failedCells.get('eu-1')?.message ?? ''
  assert.match(said, /belongs to cell main in region local; the configuration names it eu-1 in region eu/)
})

test('while the database of a cell is down, its tenants are answered 503, and every request of the others succeeds', async () => {
  await founded('goes-down', { region: 'eu' })
  const putUp = await atlas.databases.takeDown('eu-1')
  try {
    const others: number[] = []
    const theirs: number[] = []
    for (let round = 0; round < 15; round++) {
      const [fine, ...down] = await Promise.all([
        atlas.statusIn('acme'),
        atlas.statusIn('goes-down'),
        atlas.statusIn('goes-down'),
      ])
      others.push(fine)
      theirs.push(...down)
    }
    assert.deepEqual(new Set(others), new Set([200]))
    assert.deepEqual(new Set(theirs), new Set([503]))
    assert.equal((await fetch(`${atlas.url}/readyz`)).status, 200)
  } finally {
    await putUp()
  }
  await until('it is served again', async () => (await atlas.statusIn('goes-down')) === 200)
})

test('a cell that is down at start stays closed until it is there and as declared; the others are served', async () => {
  const { databases: settings, installation, log } = atlas
  const modules = [...platformModules, ...product.modules]
  await founded('late', { region: 'eu' })
  const putUp = await atlas.databases.takeDown('eu-1')
  const closed = new ClosedCells(installation, log, { tryAgainEveryMs: 100 })
  try {
    const { failedCells, failures } = await migrate(settings.settings, modules)
    assert.deepEqual([...failedCells.keys()], ['eu-1'])
    assert.ok(failures.every(({ target }) => target.includes('eu-1')))
    closed.close(failedCells)
    const reply = await atlas.request('GET', '/api/v1/projects', { as: owner, tenant: 'late' })
    assert.equal((reply.body as { code: string }).code, 'tenant.unreachable')
    assert.equal(await atlas.statusIn('acme'), 200)
    closed.watch()
    await wait(300)
    assert.equal(await atlas.statusIn('late'), 503)
    await putUp()
    await until('it is served again', async () => (await atlas.statusIn('late')) === 200)
  } finally {
    await closed.stop()
    await putUp()
  }
})

test('while a cell is closed nobody is founded there who can be founded elsewhere in the region', async () => {
  const { settings } = atlas.databases
  const [main, another] = settings.cells
  assert.ok(another)
  const databases = new Databases({ ...settings, cells: [main, { ...another, region: main.region }] })
  const cellsOfTwenty = () =>
    new Set(Array.from({ length: 20 }, () => databases.newPlacement(newId()).placement.cell)).size
  assert.equal(cellsOfTwenty(), 2)
  databases.cells[1]?.close('a test')
  assert.equal(cellsOfTwenty(), 1)
  databases.cells[0].close('a test')
  assert.equal(cellsOfTwenty(), 2, 'whoever is founded then is set up once their cell is open')
  await databases.end()
})

test('what waits in a closed cell is left to processes that serve it, and done once it is open', async () => {
  await founded('has-work', { region: 'eu' })
  const { id } = await tenantNamed('has-work')
  const cell = atlas.installation.databases.cellNamed('eu-1')
  const inOutbox = (text: string) => rowsOf(superuserUrlOf('eu-1'), text, [id])
  const waiting = () => inOutbox('select attempts from pool.outbox where tenant_id = $1 and done_at is null')
  await until('its founding is done', async () => (await waiting()).length === 0)
  cell?.close('a test')
  // Due in a second: a pass of the relay that had begun before the closing finds nothing, and ends.
  await inOutbox(
    `update pool.outbox set done_at = null, available_at = now() + interval '1 second' where tenant_id = $1`,
  )
  const before = await waiting()
  assert.ok(before.length > 0)
  // Two sweeps, which come every second.
  await wait(3_500)
  assert.deepEqual(await waiting(), before)
  cell?.open()
  await until('it is done', async () => (await waiting()).length === 0)
})

test('a shutdown does not wait for the migration of a closed cell', async () => {
  const cell = atlas.installation.databases.cellNamed('eu-1')
  assert.ok(cell)
  const closed = new ClosedCells(atlas.installation, atlas.log, { tryAgainEveryMs: 50 })
  cell.close('a test')
  await withClient(superuserUrlOf('eu-1'), async (client) => {
    await client.query("select pg_advisory_lock(hashtext('tenantry migrations of pool'))")
    closed.watch()
    const migrators = `select from pg_stat_activity where usename = 'tenantry_migrator' and datname = current_database()`
    await until('its migration is under way', async () => (await client.query(migrators)).rowCount !== 0)
    const beganAtMs = performance.now()
    await closed.stop()
    assert.ok(performance.now() - beganAtMs < 4_000)
    assert.notEqual(cell.closedBecause, undefined)
  })
  await until('what was begun comes to its end', async () => cell.closedBecause === undefined)
})

test('where no cell is left there is nothing to serve: the start fails with the reason', () => {
  const closed = new ClosedCells(atlas.installation, atlas.log)
  const failed = new Map(atlas.installation.databases.cells.map(({ name }) => [name, new Error(`${name} is down`)]))
  try {
    assert.throws(() => closed.close(failed), /main is down/)
  } finally {
    for (const cell of atlas.installation.databases.cells) cell.open()
  }
})
