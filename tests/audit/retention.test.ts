import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { sealsPurpose } from '../../platform/src/audit-sealing.ts'
import { auditTrimmingWith } from '../../platform/src/audit-trimming.ts'
import { type AuditFindings, verifyAudit } from '../../platform/src/audit-verification.ts'
import type { Tenant } from '../../platform/src/kernel/context.ts'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { bridgeSchema, siloName, urlFor } from '../../platform/src/kernel/database/roles.ts'
import { Signatures } from '../../platform/src/kernel/signature.ts'
import { rowsOf, testSecret } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'

/** What an audit log has kept for its time is removed, and the rest still proves that nothing else is missing. */

const models = ['pool', 'bridge', 'silo'] as const
const signatures = new Signatures(testSecret, sealsPurpose)
const dayMs = 86_400_000

let atlas: TestInstallation
const tenants = new Map<string, Tenant>()
before(async () => {
  atlas = await TestInstallation.start({ silos: true })
  for (const model of models) {
    await atlas.foundTenant(`in-${model}`, { model })
    const tenant = await atlas.installation.gates.tenantOf(`in-${model}`)
    assert.ok(tenant)
    tenants.set(model, tenant)
  }
})
after(() => atlas.stop())

type Model = (typeof models)[number]
const inModel = (model: Model) => ({ as: 'owner@acme.test', tenant: `in-${model}` })
const tenantIn = (model: Model) => tenants.get(model) as Tenant

async function work(model: Model, name: string): Promise<void> {
  await atlas.ask('POST', '/api/v1/projects', { ...inModel(model), body: { name } })
  await atlas.ask('PATCH', '/api/v1/tenant', { ...inModel(model), body: { name } })
  await atlas.installation.sealing.sealWaiting()
}

async function verified(model: Model): Promise<AuditFindings['chains']> {
  const [found] = await verifyAudit(atlas.installation.databases, signatures, tenantIn(model))
  return found?.chains ?? []
}

/** So many seals at a time are removed, until nothing is left that was made before. */
async function trim(model: Model, before: number): Promise<number> {
  const { databases, gates } = atlas.installation
  const trimming = auditTrimmingWith({ databases, signatures, tenantOf: (id) => gates.tenantOf(id) })
  const when = { before: new Date(before).toISOString(), now: new Date().toISOString() }
  for (let calls = 0; ; calls++) if (!(await trimming(tenantIn(model).id, when))) return calls
}

/** Where a chain is, for a superuser. */
function placeOf(model: Model, kind: string): { url: string; schema: string } {
  const { id } = tenantIn(model)
  const { controlUrl, cellUrl } = atlas.databases
  if (kind === 'control') return { url: controlUrl, schema: 'control' }
  if (model === 'silo') return { url: urlFor(cellUrl, { database: siloName(id) }), schema: 'pool' }
  return { url: cellUrl, schema: model === 'bridge' ? bridgeSchema(id) : 'pool' }
}

for (const model of models) {
  test(`in a ${model} old seals go with their events, what is left verifies, and its removal is on record`, async () => {
    await work(model, 'Old')
    await work(model, 'Not so old')
    const middle = Date.now()
    await work(model, 'New')
    const before = await verified(model)
    await trim(model, middle)
    const left = await verified(model)
    for (const { kind, faults, removed, events, seals } of left) {
      const was = before.find((each) => each.kind === kind)
      assert.deepEqual(faults, [], kind)
      assert.ok(removed && removed.events > 0 && seals >= 1, kind)
      assert.equal(removed.events + events, was?.events, kind)
      const { url, schema } = placeOf(model, kind)
      const orphans = `select count(*)::int as rows from ${schema}.audit_values v where tenant_id = $1
        and not exists (select from ${schema}.audit_events where tenant_id = v.tenant_id and id = v.event_id)`
      assert.deepEqual(await rowsOf(url, orphans, [tenantIn(model).id]), [{ rows: 0 }])
    }
    await atlas.installation.sealing.sealWaiting()
    const trimmed = await atlas.ask<{ items: { after: { removed: number }; actor: { kind: string } }[] }>(
      'GET',
      '/api/v1/audit-events?event=audit.trimmed',
      inModel(model),
    )
    assert.deepEqual(
      trimmed.items.map(({ actor }) => actor.kind),
      ['system', 'system'],
    )
    assert.equal(await trim(model, middle), 0, 'once')
    assert.deepEqual(
      (await verified(model)).flatMap(({ faults }) => faults),
      [],
    )
  })

  test(`in a ${model} everything may be old: the newest seal stays`, async () => {
    await trim(model, Date.now() + dayMs)
    for (const { seals, faults, waiting } of await verified(model)) {
      assert.deepEqual(faults, [])
      assert.ok(seals >= 1 || waiting >= 1)
    }
  })
}

describe('of what retention has removed a superuser cannot make use', () => {
  /** `$1` is the tenant. */
  const tampering: Readonly<Record<string, readonly [texts: readonly string[], found: RegExp]>> = {
    'who removes more than it': [
      [
        'delete from audit_seals where tenant_id = $1 and number = (select max(number) + 1 from audit_anchors where tenant_id = $1)',
      ],
      /^cell \d+ is gone/,
    ],
    'who removes more, and says that it was retention': [
      [
        `insert into audit_anchors select tenant_id, number, digest, 1, now(), signature from audit_seals
          where tenant_id = $1 and number = (select max(number) + 1 from audit_anchors where tenant_id = $1)`,
        'delete from audit_seals where tenant_id = $1 and number <= (select max(number) from audit_anchors where tenant_id = $1)',
      ],
      /^cell \d+ and those before it are said to be removed, which this installation has not signed$/,
    ],
    'who takes the note away': [['delete from audit_anchors where tenant_id = $1'], /^cell 1 is gone/],
    'who changes how much it was': [
      ['update audit_anchors set events = events + 1 where tenant_id = $1'],
      /which this installation has not signed$/,
    ],
  }
  for (const [who, [texts, found]] of Object.entries(tampering)) {
    test(who, async () => {
      const { url, schema } = placeOf('pool', 'cell')
      const { id } = tenantIn('pool')
      const kept = ['audit_anchors', 'audit_seals'] as const
      await atlas.installation.sealing.sealWaiting()
      await withClient(url, async (client) => {
        await client.query(`set search_path = ${pg.escapeIdentifier(schema)}; set session_replication_role = replica`)
        for (const table of kept)
          await client.query(`create temp table saved_${table} as select * from ${table} where tenant_id = '${id}'`)
        for (const text of texts) await client.query(text, [id])
        const chains = await verified('pool')
        for (const table of kept) {
          await client.query(`delete from ${table} where tenant_id = '${id}'`)
          await client.query(`insert into ${table} select * from saved_${table}`)
        }
        const faults = chains.flatMap(({ kind, faults: each }) =>
          each.map(({ seal, what }) => `${kind} ${seal ?? '-'} ${what}`),
        )
        assert.ok(
          faults.some((fault) => found.test(fault)),
          JSON.stringify(faults),
        )
      })
      assert.deepEqual(
        (await verified('pool')).flatMap(({ faults }) => faults),
        [],
      )
    })
  }
})

test('processes that remove at the same moment remove each event once, and one that was killed leaves nothing to mend by hand', async () => {
  for (const name of ['One', 'Two', 'Three']) await work('bridge', name)
  const events = async () => (await verified('bridge')).reduce((sum, { removed }) => sum + (removed?.events ?? 0), 0)
  const before = await events()
  const { url, schema } = placeOf('bridge', 'cell')
  const { id } = tenantIn('bridge')
  const counted = await rowsOf(url, `select count(*)::int as rows from ${schema}.audit_events where tenant_id = $1`, [
    id,
  ])
  await Promise.all([1, 2, 3].map(() => trim('bridge', Date.now())))
  const left = await rowsOf(url, `select count(*)::int as rows from ${schema}.audit_events where tenant_id = $1`, [id])
  assert.ok(Number(left[0]?.['rows']) < Number(counted[0]?.['rows']))
  assert.ok((await events()) > before)
  // Killed between the two databases: heads of seals that are gone stay behind.
  const heads = `insert into control.audit_heads select $1, 1, sha256('x'), sha512('x') on conflict do nothing`
  await rowsOf(atlas.databases.controlUrl, heads, [id])
  assert.deepEqual(
    (await verified('bridge')).flatMap(({ faults }) => faults),
    [],
  )
  await trim('bridge', 0)
  const stale = 'select count(*)::int as rows from control.audit_heads where tenant_id = $1 and number = 1'
  assert.deepEqual(await rowsOf(atlas.databases.controlUrl, stale, [id]), [{ rows: 0 }])
})

test('retention is for ever until an owner says otherwise, within bounds, and is kept once a day', async () => {
  const asking = inModel('pool')
  const retention = (body: object) => atlas.request('PUT', '/api/v1/audit-retention', { ...asking, body })
  assert.deepEqual(await atlas.ask('GET', '/api/v1/audit-retention', asking), { days: null, version: 1 })
  for (const days of [0, 1, 89, 3651, -90, 90.5, '90'])
    assert.equal((await retention({ days })).status, 400, String(days))
  assert.equal((await retention({ days: 90 })).status, 200)
  await work('pool', 'Soon old')
  const anchors = async () => {
    const found = 'select count(*)::int as rows from pool.audit_anchors where tenant_id = $1'
    return Number((await rowsOf(atlas.databases.cellUrl, found, [tenantIn('pool').id]))[0]?.['rows'])
  }
  const before = await anchors()
  atlas.clock.aheadMs = 91 * dayMs
  // The day of the moved clock is a new one: the relay begins the round by itself.
  await until('the round to come by', async () => (await anchors()) > before)
  atlas.clock.aheadMs = 0
  assert.deepEqual(
    (await verified('pool')).flatMap(({ faults }) => faults),
    [],
  )
})
