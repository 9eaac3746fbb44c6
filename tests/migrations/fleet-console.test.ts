import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { staff as demoStaff } from '../../platform/src/demo-people.ts'
import type { MigrationTarget } from '../../platform/src/kernel/database/migrator.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { module } from '../../platform/src/kernel/module.ts'
import { migrate, migrationTargets } from '../../platform/src/migrate.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { ScratchModule } from './scratch-module.ts'

/** What staff see of the fleet in their console, and what their buttons do to it. */

interface Target {
  readonly id: string
  readonly name: string
  readonly kind: 'control' | 'tenant'
  readonly tenant: { readonly id: string; readonly name: string; readonly slug: string | null } | null
  readonly state: 'current' | 'behind' | 'running' | 'failed'
  readonly level: number | null
  readonly wanted: number
  readonly error: string | null
  readonly attempts: number
}

interface Report {
  readonly wanted: { readonly control: number; readonly tenant: number }
  readonly levels: readonly { readonly kind: string; readonly level: number | null; readonly targets: number }[]
  readonly states: Readonly<Record<Target['state'], number>>
  readonly hold: { readonly reason: string; readonly heldBy: string | null } | null
}

const staff = { as: demoStaff.email }
let scratch: ScratchModule
let atlas: TestInstallation
let acme: MigrationTarget
before(async () => {
  scratch = await ScratchModule.make()
  const notes = 'create table notes (tenant_id uuid not null, id uuid not null, primary key (tenant_id, id))'
  await scratch.write(
    '0001_notes',
    `${notes}; select tenancy.protect_tenant_table('notes', 'select')`,
    'drop table notes',
  )
  const tables = { notes: { kind: 'tenant', privileges: ['select'] } } as const
  const planted = module({ name: 'scratch', folder: scratch.folder, tables })
  atlas = await TestInstallation.start({ model: 'bridge', modules: [planted] })
  const { id } = await atlas.ask<{ id: string }>('GET', '/api/v1/tenant', { as: 'owner@acme.test', tenant: 'acme' })
  for await (const target of migrationTargets(atlas.installation.databases)) if (target.tenantId === id) acme = target
  assert.ok(acme)
})
after(async () => {
  await atlas?.stop()
  await scratch.remove()
})

const run = () => migrate(atlas.databases.settings, atlas.installation.modules)
const read = () => atlas.ask<Report>('GET', '/api/v1/staff/fleet', staff)
const targets = async (query: Record<string, string> = {}) =>
  (await atlas.ask<{ items: Target[] }>('GET', `/api/v1/staff/fleet/targets?${new URLSearchParams(query)}`, staff))
    .items
const ofAcme = async () => (await targets({ search: acme.name }))[0] as Target
const post = (path: string, body: object) => atlas.request('POST', `/api/v1/staff/fleet/${path}`, { ...staff, body })
const because = { reason: 'The cause is gone' }
const retryAcme = async () => post(`targets/${(await ofAcme()).id}/retry`, because)
const codeOf = ({ status, body }: { status: number; body: unknown }) => [status, (body as { code?: string }).code]
const inControl = (text: string, values: unknown[] = []) => rowsOf(atlas.databases.controlUrl, text, values)
const inCell = (text: string) => rowsOf(atlas.databases.cellUrl, text)

async function statusOf(slug: string): Promise<number> {
  // Answers are remembered for a second.
  await wait(1_200)
  return (await atlas.request('GET', '/api/v1/projects', { as: `owner@${slug}.test`, tenant: slug })).status
}

async function becomes(state: Target['state']): Promise<Target> {
  for (let tries = 0; tries < 400; tries++) {
    const target = await ofAcme()
    if (target.state === state) return target
    await wait(25)
  }
  return assert.fail(`it never was ${state}`)
}

/** Takes the last migration of acme back, as if no run had come to it yet. */
async function setBack(): Promise<void> {
  await inCell(`drop table if exists ${acme.schema}.notes`)
  await inCell(`delete from migrations.ledger where schema_name = '${acme.schema}' and module = 'scratch'`)
}

/** A migration that meets a table which should not be there. */
async function failing(): Promise<Target> {
  await setBack()
  await inCell(`create table ${acme.schema}.notes ()`)
  assert.equal((await run()).failed, 1)
  return ofAcme()
}

beforeEach(async () => {
  await inControl('delete from control.fleet_hold')
  await setBack()
  assert.equal((await run()).failed, 0)
})

describe('the console', () => {
  test('shows how many targets are at which level, and who is behind a release that was just started', async () => {
    const { wanted, levels, states } = await read()
    assert.equal(levels.find(({ kind }) => kind === 'control')?.level, wanted.control)
    // The pool, acme and globex.
    assert.deepEqual(
      levels.filter(({ kind }) => kind === 'tenant'),
      [{ kind: 'tenant', level: wanted.tenant, targets: 3 }],
    )
    assert.deepEqual(states, { current: 4, behind: 0, running: 0, failed: 0 })
    assert.deepEqual(await targets({ state: 'lagging' }), [])

    const release = [acme.name, wanted.tenant - 1]
    await inControl('update control.fleet_targets set level = $2, wanted = $2 where name = $1', release)
    const [behind, ...others] = await targets({ state: 'lagging' })
    assert.deepEqual(others, [])
    assert.deepEqual([behind?.name, behind?.state, behind?.wanted], [acme.name, 'behind', wanted.tenant])
    assert.equal((await read()).states.behind, 1)
  })

  test('finds a target by its name, and by the name or address of its tenant', async () => {
    for (const search of ['acme', 'ROBOTICS', acme.tenantId ?? '']) {
      const [found, ...others] = await targets({ search })
      assert.deepEqual([found?.name, others.length], [acme.name, 0], search)
      assert.deepEqual(found?.tenant, { id: acme.tenantId, name: 'Acme Robotics', slug: 'acme' })
    }
    assert.equal((await targets({ search: 'cell main' }))[0]?.tenant, null)
    assert.deepEqual(await targets({ search: 'nothing has this name' }), [])
  })

  test('shows why a target failed, and brings it up once the cause is gone: its tenant is served again', async () => {
    const failed = await failing()
    assert.deepEqual([failed.state, failed.attempts, failed.level], ['failed', 1, failed.wanted - 1])
    assert.match(failed.error ?? '', /scratch notes \(up\) failed on bridge .+: relation "notes" already exists/)
    assert.deepEqual([await statusOf('acme'), await statusOf('globex')], [503, 200])

    assert.equal((await retryAcme()).status, 202)
    for (let tries = 0; tries < 400 && (await ofAcme()).attempts < 2; tries++) await wait(25)
    const again = await becomes('failed')
    assert.deepEqual([again.attempts, again.error], [2, failed.error])

    await inCell(`drop table ${acme.schema}.notes`)
    assert.equal((await retryAcme()).status, 202)
    const { level, wanted, error, attempts } = await becomes('current')
    assert.deepEqual([level, error, attempts], [wanted, null, 0])
    assert.equal(await statusOf('acme'), 200)
  })

  test('tries all that failed at once, and says how many these are', async () => {
    await failing()
    await inCell(`drop table ${acme.schema}.notes`)
    const { status, body } = await post('retry', because)
    assert.deepEqual([status, body], [202, { targets: 1 }])
    await becomes('current')
    assert.deepEqual((await post('retry', because)).body, { targets: 0 })
    const events = await inControl(
      `select event, via, actor_kind, after ->> 'reason' as reason from control.audit_events join control.audit_values
        on event_id = id where operation = 'fleet.retry' and resource_id = $1`,
      [(await ofAcme()).id],
    )
    assert.deepEqual(events, [{ event: 'fleetTarget.retried', via: 'console', actor_kind: 'person', ...because }])
  })

  test('pauses: a run stops, nothing is tried again, and what had failed keeps its error until it goes on', async () => {
    const { error } = await failing()
    const paused = await post('pause', { reason: 'Month end' })
    assert.equal(paused.status, 200)
    const { hold } = await read()
    assert.deepEqual([hold?.reason, hold?.heldBy], ['Month end', demoStaff.name])
    await inCell(`drop table ${acme.schema}.notes`)
    const held = await run()
    assert.deepEqual([held.stopped, held.migrated], ['held', 0])
    const still = await ofAcme()
    assert.deepEqual([still.state, still.error], ['failed', error])
    assert.deepEqual(codeOf(await retryAcme()), [409, 'fleet.is_paused'])
    assert.deepEqual(codeOf(await post('retry', because)), [409, 'fleet.is_paused'])
    assert.deepEqual(codeOf(await post('pause', { reason: 'Again' })), [409, 'fleet.is_paused'])

    assert.equal((await post('resume', { reason: 'The month is over' })).status, 204)
    assert.deepEqual(codeOf(await post('resume', { reason: 'Again' })), [409, 'fleet.not_paused'])
    assert.equal((await read()).hold, null)
    const resumed = await run()
    assert.deepEqual([resumed.stopped, resumed.migrated, resumed.failed], [undefined, 1, 0])
    const recorded = await inControl(
      'select e.event, v.after from control.audit_events e join control.audit_values v on v.event_id = e.id where e.resource_id = $1 order by e.at',
      [(paused.body as { id: string }).id],
    )
    assert.deepEqual(
      recorded.map(({ event, after: kept }) => [event, (kept as { reason: string }).reason]),
      [
        ['fleet.paused', 'Month end'],
        ['fleet.resumed', 'The month is over'],
      ],
    )
  })

  test('waits for no migration: the job ends at once, the target runs on, and is begun once only', async () => {
    await setBack()
    const other = new pg.Client({ connectionString: atlas.databases.cellUrl })
    await other.connect()
    try {
      // Whoever makes the same table waits for the end of this.
      await other.query(`begin; create table ${acme.schema}.notes ()`)
      await retryAcme()
      await becomes('running')
      await retryAcme()
      await wait(1_500)
      const open = await inControl(
        "select id from control.outbox where name = 'fleetTargets.bringUp' and done_at is null",
      )
      assert.deepEqual([open.length, (await ofAcme()).state], [0, 'running'])
      assert.equal((await read()).states.running, 1)
      const migrators = await inCell(
        "select pid from pg_stat_activity where usename = 'tenantry_migrator' and wait_event_type = 'Lock'",
      )
      assert.equal(migrators.length, 1)
      await other.query('rollback')
    } finally {
      await other.end()
    }
    const { level, wanted } = await becomes('current')
    assert.equal(level, wanted)
  })

  test('leaves a target to the newer release that has asked for more, and forgets one that is no more', async () => {
    await inControl('update control.fleet_targets set wanted = wanted + 1 where name = $1', [acme.name])
    assert.equal((await retryAcme()).status, 202)
    const refusals = () => atlas.log.lines.filter(({ fields }) => String(fields['error']).includes('a newer release'))
    for (let tries = 0; tries < 200 && refusals().length === 0; tries++) await wait(25)
    assert.equal(refusals().length, 1)
    await inControl('update control.fleet_targets set wanted = level where name = $1', [acme.name])

    const gone = `bridge ${newId()}`
    await inControl(
      `insert into control.fleet_targets (name, kind, tenant_id, state, level, wanted, error, changed_at, seen_at)
       values ($1, 'tenant', $2, 'failed', 1, 2, 'no such schema', now(), now())`,
      [gone, newId()],
    )
    const [target] = await targets({ search: gone })
    assert.equal((await post(`targets/${target?.id}/retry`, because)).status, 202)
    for (let tries = 0; tries < 200 && (await targets({ search: gone })).length > 0; tries++) await wait(25)
    assert.deepEqual(await targets({ search: gone }), [])
    assert.deepEqual(codeOf(await post(`targets/${target?.id}/retry`, because)), [404, 'resource.not_found'])
  })
})
