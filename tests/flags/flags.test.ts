import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ErrorCode, OpenFeature } from '@openfeature/server-sdk'
import { Installation } from '../../platform/src/installation.ts'
import { databaseIn } from '../../platform/src/kernel/database/roles.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { type Module, module } from '../../platform/src/kernel/module.ts'
import { BetterAuthProvider } from '../../platform/src/modules/identity/better-auth.ts'
import { PasswordHashing } from '../../platform/src/modules/identity/password-hashing.ts'
import product from '../../product/app.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'

/** What staff say of a flag counts within five seconds on every process, for those it is said of and nobody else. */

const boundMs = 5_000
const board = 'projects.board'
const staff = { as: 'staff@tenantry.test' }
const flagPath = `/api/v1/staff/flags/${board}`

const trial = module({
  name: 'trial',
  flags: {
    'trial.off': { summary: 'Off unless somebody says otherwise', default: false },
    'trial.on': { summary: 'On unless somebody says otherwise', default: true },
  },
})

let atlas: TestInstallation
let elsewhere: Installation
let acme: string
before(async () => {
  atlas = await TestInstallation.start()
  elsewhere = installationOf([trial])
  elsewhere.flags.start()
  acme = (await atlas.ask<{ id: string }>('GET', '/api/v1/tenant', { as: 'owner@acme.test', tenant: 'acme' })).id
})
after(async () => {
  await elsewhere.close()
  await atlas.stop()
})

/** Another process over the same databases, with modules of its own beside the product's. */
function installationOf(modules: readonly Module[]): Installation {
  return new Installation({
    product: { ...product, modules: [...product.modules, ...modules] },
    databases: atlas.databases.settings,
    identity: new BetterAuthProvider(new PasswordHashing()),
    mailer: atlas.inbox,
    publicUrl: atlas.url,
    log: atlas.log,
    now: () => new Date(Date.now() + atlas.clock.aheadMs),
  })
}

const say = (rules: object) =>
  atlas.ask<{ version: number }>('PUT', flagPath, {
    ...staff,
    body: { state: 'rules', reason: 'For a test', ...rules },
  })

const nameAcme = (on: boolean | null) =>
  atlas.ask('PUT', `/api/v1/staff/tenants/${acme}/flags/${board}`, { ...staff, body: { on, reason: 'They asked' } })

/** As a member sees it in the workspace. */
async function isOnFor(as: string, tenant = as.split(/[@.]/)[1] ?? ''): Promise<boolean | undefined> {
  const { items } = await atlas.ask<{ items: { key: string; on: boolean }[] }>('GET', '/api/v1/flags', { as, tenant })
  return items.find(({ key }) => key === board)?.on
}

/** As the other process decides it, by what it remembers. */
async function isOnElsewhere(context: Record<string, unknown>): Promise<boolean> {
  return (await elsewhere.flags.resolveBooleanEvaluation(board, false, context as never)).value
}

describe('a change', () => {
  test('counts within five seconds on every process, and is on record with its reason', async () => {
    assert.equal(await isOnFor('viewer@acme.test'), false)
    await say({ state: 'on' })
    const changedAtMs = performance.now()
    await until('the flag is on here and elsewhere', async () => {
      const isOn = (await isOnFor('viewer@acme.test')) === true && (await isOnElsewhere({ tenantId: acme }))
      assert.ok(isOn || performance.now() - changedAtMs < boundMs)
      return isOn
    })
    const [record] = await rowsOf(
      atlas.databases.controlUrl,
      `select e.changed, v.actor_name, v.before ->> 'state' as before, v.after ->> 'state' as after, v.after ->> 'reason' as reason
        from control.audit_events e join control.audit_values v on v.event_id = e.id where event = 'flag.changed'
        order by e.at desc limit 1`,
    )
    assert.deepEqual(
      { ...record, changed: undefined, actor_name: undefined },
      { changed: undefined, actor_name: undefined, before: 'rules', after: 'on', reason: 'For a test' },
    )
    assert.ok((record?.['changed'] as string[] | undefined)?.includes('state'))
  })

  test('is refused without a reason, with a version that is not the latest, and for a plan that is not there', async () => {
    const without = await atlas.request('PUT', flagPath, { ...staff, body: { state: 'on' } })
    assert.equal(without.status, 400)
    const body = { state: 'on', reason: 'Too late' }
    const late = await atlas.request('PUT', flagPath, { ...staff, body, headers: { 'if-match': '"999"' } })
    assert.equal(late.status, 412)
    const wrong = {
      ...body,
      plans: ['platinum'],
      startsAt: '2027-01-02T00:00:00.000Z',
      endsAt: '2027-01-01T00:00:00.000Z',
    }
    const refused = await atlas.request('PUT', flagPath, { ...staff, body: wrong })
    const { errors } = refused.body as { errors: { pointer: string }[] }
    assert.deepEqual([refused.status, errors.map(({ pointer }) => pointer)], [400, ['#/plans', '#/endsAt']])
  })

  test('of a flag that no module declares, or of a hostile key, is refused', async () => {
    const body = { state: 'on', reason: 'For a test' }
    const hostile = [
      'nowhere.flag',
      '__proto__',
      'constructor',
      'projects.board%00',
      "projects.board'--",
      '%2e%2e',
      'x'.repeat(300),
    ]
    for (const key of hostile) {
      for (const path of [`/api/v1/staff/flags/${key}`, `/api/v1/staff/tenants/${acme}/flags/${key}`]) {
        const { status } = await atlas.request('PUT', path, {
          ...staff,
          body: path.includes('tenants') ? { on: true, reason: 'x' } : body,
        })
        assert.ok([400, 404, 414].includes(status), `${path}: ${status}`)
      }
    }
    assert.equal(
      (await rowsOf(atlas.databases.controlUrl, "select from control.flags where key <> 'projects.board'")).length,
      0,
    )
  })
})

describe('the rules', () => {
  /** What both processes remember from here on. */
  const read = async (rules: object) => {
    await say(rules)
    await Promise.all([atlas.installation.flags.read(), elsewhere.flags.read()])
  }

  test('of roles and plans let in who has them, and nobody else', async () => {
    await read({ roles: ['admin'] })
    assert.deepEqual([await isOnFor('admin@acme.test'), await isOnFor('owner@acme.test')], [true, false])
    await read({ plans: ['business'] })
    const asked = { tenantId: acme, roles: ['admin'] }
    assert.deepEqual(
      [await isOnElsewhere({ ...asked, plan: 'business' }), await isOnElsewhere({ ...asked, plan: 'standard' })],
      [true, false],
    )
  })

  test('name tenants, whose audit log says so; off for everybody goes before that', async () => {
    await read({})
    await nameAcme(true)
    await atlas.installation.flags.read()
    assert.deepEqual([await isOnFor('viewer@acme.test'), await isOnFor('owner@globex.test')], [true, false])
    const asking = { as: 'owner@acme.test', tenant: 'acme' }
    const log = await atlas.ask<{ items: { before: object; after: object }[] }>(
      'GET',
      '/api/v1/audit-events?event=tenantFlag.changed',
      asking,
    )
    const [{ before, after } = {}] = log.items
    assert.deepEqual(
      [before, after],
      [
        { flag: board, on: null },
        { flag: board, on: true, reason: 'They asked' },
      ],
    )
    const shown = await atlas.ask<{ tenants: { slug: string; on: boolean }[] }>('GET', flagPath, staff)
    assert.deepEqual(
      shown.tenants.map(({ slug, on }) => [slug, on]),
      [['acme', true]],
    )
    await read({ state: 'off' })
    assert.equal(await isOnFor('viewer@acme.test'), false)
    await nameAcme(null)
  })

  test('have a schedule, by the clock of the rules', async () => {
    const at = (aheadMs: number) => new Date(Date.now() + aheadMs).toISOString()
    const hourMs = 3_600_000
    await read({ state: 'on', startsAt: at(hourMs), endsAt: at(2 * hourMs) })
    const seen: unknown[] = []
    for (const aheadMs of [0, 1.5 * hourMs, 2.5 * hourMs]) {
      atlas.clock.aheadMs = aheadMs
      seen.push(await isOnElsewhere({ tenantId: acme }))
    }
    atlas.clock.aheadMs = 0
    assert.deepEqual(seen, [false, true, false])
  })

  test('by percentage take about so many tenants, and keep them when it grows', async () => {
    const tenants = Array.from({ length: 5_000 }, () => newId())
    const among = async (percentage: number) => {
      await read({ percentage })
      const on = await Promise.all(tenants.map((tenantId) => isOnElsewhere({ tenantId })))
      return new Set(tenants.filter((_, index) => on[index]))
    }
    const [none, ten, twenty, all] = [await among(0), await among(10), await among(20), await among(100)]
    assert.deepEqual([none.size, all.size], [0, tenants.length])
    assert.ok(Math.abs(ten.size - 500) < 120 && Math.abs(twenty.size - 1_000) < 160, `${ten.size}, ${twenty.size}`)
    assert.ok([...ten].every((tenantId) => twenty.has(tenantId)))
    await read({ percentage: 99 })
    assert.equal(await isOnElsewhere({}), false)
  })

  test('are counted before they are saved', async () => {
    const preview = (rules: object) =>
      atlas.ask<{ total: number; everybody: number; someRoles: number }>('POST', `${flagPath}/preview`, {
        ...staff,
        body: { state: 'rules', ...rules },
      })
    const { total } = await preview({})
    assert.equal(total, 2)
    assert.deepEqual(await preview({}), { total, everybody: 0, someRoles: 0 })
    assert.deepEqual(await preview({ state: 'on' }), { total, everybody: total, someRoles: 0 })
    assert.deepEqual(await preview({ plans: ['standard'] }), { total, everybody: total, someRoles: 0 })
    await nameAcme(false)
    assert.deepEqual(await preview({ roles: ['owner'] }), { total, everybody: 0, someRoles: total - 1 })
    await nameAcme(null)
  })
})

describe("whoever asks by OpenFeature's own client", () => {
  const client = OpenFeature.getClient()

  test('is answered by the same rules, with the reason', async () => {
    await say({ roles: ['owner'] })
    await nameAcme(true)
    await elsewhere.flags.read()
    const globex = { targetingKey: 'somebody', tenantId: newId() }
    assert.equal(await client.getBooleanValue(board, false, { ...globex, roles: ['owner'] }), true)
    assert.equal(await client.getBooleanValue(board, true, { ...globex, roles: ['viewer'] }), false)
    const { value, reason, variant } = await client.getBooleanDetails(board, false, { tenantId: acme })
    assert.deepEqual([value, reason, variant], [true, 'TARGETING_MATCH', 'on'])
    assert.equal(await client.getBooleanValue('trial.on', false), true)
    await nameAcme(null)
  })

  test('gets what they fall back to for a flag that is not there, or is no text', async () => {
    const unknown = await client.getBooleanDetails('nowhere.flag', true, { tenantId: acme })
    assert.deepEqual([unknown.value, unknown.errorCode], [true, ErrorCode.FLAG_NOT_FOUND])
    assert.equal((await client.getBooleanDetails('__proto__', false)).errorCode, ErrorCode.FLAG_NOT_FOUND)
    const text = await client.getStringDetails(board, 'blue')
    assert.deepEqual([text.value, text.errorCode], ['blue', ErrorCode.TYPE_MISMATCH])
  })

  test('harms nothing by a context of any shape', async () => {
    const contexts = [
      { tenantId: { toString: 'acme' }, roles: 'owner' },
      { tenantId: [acme], roles: [['owner'], { name: 'owner' }, null] },
      { tenantId: 7, roles: { 0: 'owner', length: 1 } },
      { tenantId: '\0'.repeat(10_000), plan: {} },
    ]
    for (const context of contexts)
      assert.equal(
        (await client.getBooleanDetails(board, false, context as never)).value,
        false,
        JSON.stringify(context),
      )
  })
})

test('while the database is away the last rules hold, and who never read any answers as declared', async () => {
  await say({ state: 'on' })
  await elsewhere.flags.read()
  const { superuserUrl, settings } = atlas.databases
  const name = databaseIn(settings.controlUrl)
  const late = installationOf([trial])
  await rowsOf(superuserUrl, `alter database ${name} with allow_connections false`)
  await rowsOf(superuserUrl, 'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
  try {
    await elsewhere.flags.read()
    assert.equal(await isOnElsewhere({ tenantId: acme }), true)
    const answers = ['trial.on', 'trial.off', board].map((key) => late.flags.resolveBooleanEvaluation(key, false, {}))
    assert.deepEqual(
      (await Promise.all(answers)).map(({ value }) => value),
      [true, false, false],
    )
  } finally {
    await rowsOf(superuserUrl, `alter database ${name} with allow_connections true`)
    await late.close()
  }
})

test('a key that is not named after its module is refused at the start', () => {
  const wrong = module({ name: 'trial', flags: { 'other.thing': { summary: 'Of nobody', default: false } } })
  assert.throws(() => installationOf([wrong]), /"other.thing" is no key for a flag of the module trial/)
})
