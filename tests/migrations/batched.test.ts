import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { staff } from '../../platform/src/demo-people.ts'
import { rowsOf } from '../database.ts'
import { BatchedScene } from './batched-scene.ts'

/** A long change of data: in the background, in batches, tenant after tenant; what needs it waits. */

const slugs = ['acme', 'globex', 'pooled', 'shared', 'bridged']
const counts = [1_300, 20, 2_600, 700, 1_200]
const total = counts.reduce((sum, count) => sum + count, 0)

let scene: BatchedScene
before(async () => {
  scene = await BatchedScene.make()
  for (const [index, slug] of slugs.entries()) await scene.addProjects(slug, counts[index] ?? 0)
  await scene.addProjects('shared', 3, { mark: "'as it was'" })
})
after(() => scene.stop())

const applied = () =>
  rowsOf(
    scene.atlas.databases.cellUrl,
    "select number from migrations.ledger where module = 'scratch' and schema_name = 'pool' order by number",
  )
const state = (slug: string, text: string) =>
  rowsOf(scene.atlas.databases.controlUrl, `update control.tenants set state = '${text}' where slug = $1`, [slug])

test('a migration that comes after an unfinished batched one is not applied, and a release with it does not start', async () => {
  await scene.writeFill()
  await scene.scratch.write(
    '0003_all_marked',
    'alter table projects alter column mark set not null',
    'alter table projects alter column mark drop not null',
  )
  await scene.scratch.write('0004_more', 'select 1')
  for (let tries = 0; tries < 2; tries++) {
    await assert.rejects(scene.migrate(), (error: Error) => {
      assert.match(error.message, /scratch 0003_all_marked waits for scratch 0002_fill_mark\./)
      assert.match(error.message, /scratch 0002_fill_mark: done for 0 of 5 tenants, 0 rows changed/)
      assert.match(error.message, /npx tenantry migrate finish/)
      return true
    })
  }
  assert.deepEqual(await applied(), [{ number: 1 }])
})

test('a tenant whose batch fails and one whose database is down are named, all others are done meanwhile, whatever their state, and it is tried again', async () => {
  await scene.sql(
    'shared',
    (schema) => `alter table ${schema}.projects add constraint planted check (mark is null or name <> 'a poison')`,
  )
  await scene.addProjects('shared', 1, { name: 'a poison' })
  await state('pooled', 'suspended')
  await scene.letIn('globex', false)
  const [progress] = await scene.finish()
  await state('pooled', 'active')
  await scene.letIn('globex', true)
  assert.equal(progress?.finishedAt, null)
  assert.equal(progress?.tenantsDone, 3)
  const errors = progress?.failures.map(({ error }) => error) ?? []
  assert.match(errors[0] ?? '', /is not currently accepting connections/)
  assert.match(errors[1] ?? '', /violates check constraint "planted"/)
  for (const slug of ['acme', 'pooled', 'bridged']) assert.equal((await scene.marks(slug)).unmarked, 0, slug)
  assert.ok((await scene.marks('shared')).unmarked > 0)
  await assert.rejects(scene.migrate(), /done for 3 of 5 tenants, 2 failed/)
  await scene.sql('shared', (schema) => `alter table ${schema}.projects drop constraint planted`)
})

test('two runs at once: nothing is run for a tenant that is done, one founded meanwhile is included, and every row is changed once', async () => {
  const before = await scene.sql(
    'pooled',
    (schema, id) => `select id, xmin::text from ${schema}.projects where tenant_id = '${id}'`,
  )
  await scene.atlas.foundTenant('late', { model: 'bridge' })
  await assert.rejects(scene.migrate(), /done for 3 of 6 tenants/)
  await scene.addProjects('late', 30)
  const outcomes = await Promise.all([scene.finish(), scene.finish()])
  for (const [progress] of outcomes) assert.deepEqual([progress?.failures, progress?.finishedAt === null], [[], false])
  assert.equal(outcomes[0]?.[0]?.rowsChanged, total + 1 + 30)
  assert.deepEqual(
    await scene.sql(
      'pooled',
      (schema, id) => `select id, xmin::text from ${schema}.projects where tenant_id = '${id}'`,
    ),
    before,
  )
  assert.deepEqual(await scene.finish(), [])
  assert.deepEqual(await scene.unfinished(), [])
  const wrong = "where mark is distinct from upper(name) and mark is distinct from 'as it was'"
  for (const slug of [...slugs, 'late'])
    assert.deepEqual(await scene.sql(slug, (schema) => `select name from ${schema}.projects ${wrong}`), [], slug)
})

test('what waited for it is applied then, to everybody', async () => {
  assert.ok((await scene.migrate()).applied > 0)
  assert.deepEqual(await applied(), [{ number: 1 }, { number: 3 }, { number: 4 }])
  assert.equal((await scene.migrate()).applied, 0)
})

test('it goes on in the background beside requests, which are not held up, stops with its process or when migrations are paused, and goes on', async () => {
  const { atlas } = scene
  const { batches } = atlas.installation
  await scene.addProjects('pooled', 6_000, { mark: "'A PROJECT'" })
  await scene.writeSecond()
  await scene.migrate()
  const asking = { as: 'owner@acme.test', tenant: 'pooled' }
  const [project] = (await atlas.ask<{ items: { id: string }[] }>('GET', '/api/v1/projects?limit=1', asking)).items
  const path = `/api/v1/projects/${project?.id}`

  batches.start()
  while ((await scene.unfinished())[0]?.rowsChanged === 0) await wait(10)
  await batches.stop()
  const [halfWay] = await scene.unfinished()
  assert.ok(halfWay && halfWay.rowsChanged > 0 && halfWay.finishedAt === null)

  const report = await atlas.ask<{ batches: { name: string; rowsChanged: number }[] }>('GET', '/api/v1/staff/fleet', {
    as: staff.email,
  })
  assert.deepEqual(
    report.batches.map(({ name, rowsChanged }) => ({ name, rowsChanged })),
    [{ name: 'scratch 0005_lower_marks', rowsChanged: halfWay.rowsChanged }],
  )
  const byStaff = { as: staff.email, body: { reason: 'For a test.' } }
  await atlas.ask('POST', '/api/v1/staff/fleet/pause', byStaff)
  assert.equal((await scene.finish())[0]?.rowsChanged, halfWay.rowsChanged, 'it went on although migrations are paused')
  await atlas.ask('POST', '/api/v1/staff/fleet/resume', byStaff)

  const next = scene.nextProcess()
  next.start()
  const durationsMs: number[] = []
  for (let n = 0; (await scene.unfinished()).length > 0; n++) {
    const beganAtMs = performance.now()
    await atlas.ask('PATCH', path, { ...asking, body: { description: `change ${n}` } })
    durationsMs.push(performance.now() - beganAtMs)
  }
  await next.stop()
  assert.ok(durationsMs.length > 20, `only ${durationsMs.length} requests were made meanwhile`)
  assert.ok(Math.max(...durationsMs) < 1_000, `a request took ${Math.max(...durationsMs)} ms`)
  const left = await scene.sql('pooled', (schema) => `select from ${schema}.projects where mark like 'A %'`)
  assert.equal(left.length, 0)
})

test('one that fails in the background is told with an alert, and again by the next look', async () => {
  await scene.scratch.writeBatch(
    '0006_impossible',
    `update projects set mark = (1 / (length(mark) - length(mark)))::text where tenant_id = $1 and id in (
       select id from projects where tenant_id = $1 limit $2)`,
  )
  await scene.migrate()
  const { lines } = scene.atlas.log
  for (let looks = 1; looks <= 2; looks++) {
    const background = scene.nextProcess()
    background.start()
    const told = () => lines.filter(({ message }) => message.startsWith('a batched migration failed for tenants'))
    while (told().length < looks) await wait(20)
    await background.stop()
    const { alert, migration, tenants, error } = told()[looks - 1]?.fields ?? {}
    assert.deepEqual(
      { alert, migration, tenants, error },
      {
        alert: true,
        migration: 'scratch 0006_impossible',
        tenants: 6,
        error: 'division by zero',
      },
    )
  }
  assert.deepEqual(
    (await scene.unfinished())[0]?.failures.map(({ attempts }) => attempts),
    [2, 2, 2, 2, 2, 2],
  )
})
