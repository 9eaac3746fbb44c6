import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { AuditSealing, sealsPurpose } from '../../platform/src/audit-sealing.ts'
import { type AuditFindings, verifyAudit } from '../../platform/src/audit-verification.ts'
import type { Placement, Tenant } from '../../platform/src/kernel/context.ts'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { bridgeSchema, databaseIn, siloName, urlFor } from '../../platform/src/kernel/database/roles.ts'
import { Signatures } from '../../platform/src/kernel/signature.ts'
import { coveredFields } from '../../platform/src/modules/audit/chain.ts'
import { rowsOf, testSecret } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { tenantry } from '../start/installation-process.ts'
import { until } from '../until.ts'

/** The audit log is sealed soon after it was written: whoever changes it beside the platform is seen, whatever their rights. */

const models = ['pool', 'bridge', 'silo'] as const
const signatures = new Signatures(testSecret, sealsPurpose)

let atlas: TestInstallation
const tenants = new Map<string, Tenant>()
before(async () => {
  atlas = await TestInstallation.start({ silos: true })
  for (const model of models) {
    await atlas.foundTenant(`in-${model}`, { model })
    const tenant = await atlas.installation.gates.tenantOf(`in-${model}`)
    assert.equal(tenant?.placement.model, model)
    tenants.set(model, tenant)
    await work(model)
    // A batch of its own, so that there is a newest seal to cut off.
    await seal()
    await work(model)
    await seal()
  }
})
after(() => atlas.stop())

const seal = () => atlas.installation.sealing.sealWaiting()

async function work(model: Placement['model'], name = 'A project'): Promise<void> {
  const asking = { as: 'owner@acme.test', tenant: `in-${model}` }
  const { id } = await atlas.ask<{ id: string }>('POST', '/api/v1/projects', { ...asking, body: { name } })
  await atlas.ask('PATCH', `/api/v1/projects/${id}`, { ...asking, body: { name: `${name}, renamed` } })
  for (const title of ['One', 'Two'])
    await atlas.ask('PATCH', '/api/v1/tenant', { ...asking, body: { name: `${title} ${name}` } })
}

async function verified(model: Placement['model']): Promise<AuditFindings> {
  const tenant = tenants.get(model)
  assert.ok(tenant)
  const found = await verifyAudit(atlas.installation.databases, signatures, tenant)
  assert.equal(found.length, 1)
  return found[0] as AuditFindings
}

/** What is wrong with a tenant's log, by the kind of its chain. */
async function faultsOf(model: Placement['model']): Promise<string[]> {
  const { chains } = await verified(model)
  return chains.flatMap(({ kind, faults }) =>
    faults.map(({ seal: number, what }) => `${kind} ${number ?? '-'} ${what}`),
  )
}

interface Chained {
  readonly url: string
  readonly schema: string
  readonly tenantId: string
}

/** Where a tenant's chain is, as superuser. */
function chained(model: Placement['model'], kind: 'cell' | 'control'): Chained {
  const { controlUrl, cellUrl } = atlas.databases
  const tenantId = tenants.get(model)?.id ?? ''
  if (kind === 'control') return { url: controlUrl, schema: 'control', tenantId }
  if (model === 'silo') return { url: urlFor(cellUrl, { database: siloName(tenantId) }), schema: 'pool', tenantId }
  return { url: cellUrl, schema: model === 'bridge' ? bridgeSchema(tenantId) : 'pool', tenantId }
}

const kept = ['audit_events', 'audit_values', 'audit_seals', 'audit_unsealed'] as const

/** A superuser at work in the place of a chain, whom no trigger stops. What they did is undone at the end. */
async function tampered(
  { url, schema, tenantId }: Chained,
  work: (query: (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>) => Promise<unknown>,
  look: () => Promise<void>,
): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(`set search_path = ${pg.escapeIdentifier(schema)}`)
    await client.query('set session_replication_role = replica')
    for (const table of kept)
      await client.query(`create temp table saved_${table} as select * from ${table} where tenant_id = '${tenantId}'`)
    try {
      await work(async (text, values = []) => {
        const { rows } = await client.query<Record<string, unknown>>(text, [tenantId, ...values])
        return rows
      })
      await look()
    } finally {
      for (const table of kept) {
        await client.query(`delete from ${table} where tenant_id = '${tenantId}'`)
        await client.query(`insert into ${table} select * from saved_${table}`)
      }
    }
  })
}

/** Each way to tamper, and what is found of it. `$1` is the tenant. Event and seal in question are the first of seal 2. */
const inSealTwo = '(select event_ids[1] from audit_seals where tenant_id = $1 and number = 2)'
const nextInSealTwo = '(select event_ids[2] from audit_seals where tenant_id = $1 and number = 2)'
const tampering: Readonly<Record<string, { texts: readonly string[]; found: RegExp }>> = {
  'names somebody else': {
    texts: [`update audit_events set actor_id = uuidv7() where tenant_id = $1 and id = ${inSealTwo}`],
    found: /^\w+ 2 .*was altered or moved$/,
  },
  'says that it was another event': {
    texts: [`update audit_events set event = 'project.read' where tenant_id = $1 and id = ${inSealTwo}`],
    found: /^\w+ 2 .*was altered or moved$/,
  },
  'changes a value': {
    texts: [
      `update audit_values set after = '{"name":"Something else"}' where tenant_id = $1 and event_id = ${inSealTwo}`,
    ],
    found: /^\w+ 2 the values of its event .* were altered$/,
  },
  'changes a value, and its digest with it': {
    texts: [
      `update audit_values set address = '192.0.2.1' where tenant_id = $1 and event_id = ${inSealTwo}`,
      `update audit_events e set values_digest = sha256(v.salt || convert_to(v.actor_name, 'UTF8') || '\\x00' || convert_to(v.address, 'UTF8') || '\\x00'
         || convert_to(coalesce(v.before::text, ''), 'UTF8') || '\\x00' || convert_to(coalesce(v.after::text, ''), 'UTF8') || '\\x00')
       from audit_values v where v.tenant_id = $1 and v.event_id = e.id and e.tenant_id = $1 and e.id = ${inSealTwo}`,
    ],
    found: /^\w+ 2 .*was altered or moved$/,
  },
  'deletes an event': {
    texts: [`delete from audit_events where tenant_id = $1 and id = ${inSealTwo}`],
    found: /^\w+ 2 its event .* is gone$/,
  },
  'deletes an event, and takes it from its seal': {
    texts: [
      `with taken as (update audit_seals set event_ids = event_ids[2:] where tenant_id = $1 and number = 2)
       delete from audit_events where tenant_id = $1 and id = ${inSealTwo}`,
    ],
    found: /^\w+ 2 .*was altered or moved$/,
  },
  'swaps the times of two events': {
    texts: [
      `update audit_events e set at = o.at + interval '1 second' from audit_events o
       where e.tenant_id = $1 and o.tenant_id = $1 and e.id = ${inSealTwo} and o.id = ${nextInSealTwo}`,
    ],
    found: /^\w+ 2 .*was altered or moved$/,
  },
  'swaps two events in their seal': {
    texts: [
      `update audit_seals set event_ids = event_ids[2:2] || event_ids[1:1] || event_ids[3:] where tenant_id = $1 and number = 2`,
    ],
    found: /^\w+ 2 .*was altered or moved$/,
  },
  'puts an event in': {
    texts: [
      `insert into audit_events select (e).* from (select jsonb_populate_record(e, jsonb_build_object('id', uuidv7())) as e
       from audit_events e where tenant_id = $1 and id = ${inSealTwo}) copy`,
    ],
    found: /^\w+ - event .* was put in beside the platform: no seal holds it$/,
  },
  'cuts the newest seals off, with their events': {
    texts: [
      `with cut as (delete from audit_seals where tenant_id = $1 and number >= 2 returning event_ids)
       delete from audit_events where tenant_id = $1 and id in (select unnest(event_ids) from cut)`,
    ],
    found: /^\w+ 2 is gone: the other database has noted it$/,
  },
  'takes a seal out of the middle': {
    texts: ['delete from audit_seals where tenant_id = $1 and number = 1'],
    found: /^\w+ 1 is gone/,
  },
  'takes everything away': {
    texts: [
      'delete from audit_seals where tenant_id = $1',
      'delete from audit_events where tenant_id = $1',
      'delete from audit_values where tenant_id = $1',
    ],
    found: /^\w+ 1 is gone: the other database has noted it$/,
  },
  'signs a seal with a key of their own': {
    texts: ["update audit_seals set signature = sha512('x') where tenant_id = $1 and number = 2"],
    found: /^\w+ 2 is not signed by this installation$/,
  },
}

for (const model of models) {
  describe(`in a ${model}`, () => {
    test('what was written is sealed in two chains, and each verifies', async () => {
      const { chains } = await verified(model)
      assert.deepEqual(
        chains.map(({ kind }) => kind),
        ['control', 'cell'],
      )
      for (const { kind, seals, events, waiting, faults, head } of chains) {
        assert.deepEqual(faults, [], kind)
        assert.ok(seals >= 2 && events >= 2, `${kind}: ${events} events in ${seals} seals`)
        assert.equal(waiting, 0)
        assert.equal(head?.number, seals)
      }
    })

    for (const kind of ['cell', 'control'] as const) {
      for (const [what, { texts, found }] of Object.entries(tampering)) {
        test(`a superuser is seen in the ${kind === 'cell' ? 'cell' : 'control database'} who ${what}`, async () => {
          const change = async (query: (text: string) => Promise<unknown>) => {
            for (const text of texts) await query(text)
          }
          await tampered(chained(model, kind), change, async () => {
            const faults = await faultsOf(model)
            assert.ok(
              faults.some((fault) => found.test(fault)),
              JSON.stringify(faults),
            )
            assert.ok(
              faults.every((fault) => fault.startsWith(`${kind} `)),
              JSON.stringify(faults),
            )
          })
          assert.deepEqual(await faultsOf(model), [])
        })
      }
    }

    test('values that were erased are told from altered ones, and the chain stands', async () => {
      const erase = (query: (text: string) => Promise<unknown>) =>
        query(`delete from audit_values where tenant_id = $1 and event_id = ${inSealTwo}`)
      await tampered(chained(model, 'cell'), erase, async () => {
        const { chains } = await verified(model)
        const [cell] = chains.filter(({ kind }) => kind === 'cell')
        assert.deepEqual([cell?.erased, cell?.faults], [1, []])
      })
    })

    test('an event that claims to be old is seen although it was sealed', async () => {
      const { url, schema, tenantId } = chained(model, 'cell')
      await rowsOf(
        url,
        `set search_path = ${schema};
        insert into audit_events select (e).* from (select jsonb_populate_record(e, jsonb_build_object('id', uuidv7(),
          'at', now() - interval '1 hour')) as e from audit_events e where tenant_id = '${tenantId}' order by at desc limit 1) copy`,
      )
      await atlas.ask('GET', '/api/v1/projects', { as: 'owner@acme.test', tenant: `in-${model}` })
      assert.deepEqual(await faultsOf(model), [])
      await seal()
      const faults = await faultsOf(model)
      assert.match(faults.join(), /^cell \d+ its event .* was put in after that had been sealed$/)
    })
  })
}

test('an event that somebody takes from those that wait, or deletes before it is sealed, is missed', async () => {
  await work('pool')
  const { url, tenantId } = chained('pool', 'cell')
  const [event] = await rowsOf(url, 'select event_id from pool.audit_unsealed where tenant_id = $1 order by event_id', [
    tenantId,
  ])
  const take = (query: (text: string, values: unknown[]) => Promise<unknown>) =>
    query('delete from audit_unsealed where tenant_id = $1 and event_id = $2', [event?.['event_id']])
  await tampered(chained('pool', 'cell'), take, async () => {
    assert.match((await faultsOf('pool')).join(), /cell - event .* was put in beside the platform/)
  })
  const remove = (query: (text: string, values: unknown[]) => Promise<unknown>) =>
    query('delete from audit_events where tenant_id = $1 and id = $2', [event?.['event_id']])
  await tampered(chained('pool', 'cell'), remove, async () => {
    assert.match((await faultsOf('pool')).join(), /cell - event .* which waited to be sealed, is gone/)
  })
})

test('nobody who writes waits for who seals, and what is committed late is sealed later', async () => {
  const { url, schema, tenantId } = chained('bridge', 'cell')
  await withClient(url, async (client) => {
    // A writer that began before all others and commits last.
    await client.query('begin')
    await client.query(`set local search_path = ${schema}`)
    await client.query(`insert into audit_events select (e).* from (select jsonb_populate_record(e, jsonb_build_object(
      'id', uuidv7(), 'at', now())) as e from audit_events e where tenant_id = '${tenantId}' limit 1) copy`)
    await withClient(url, async (other) => {
      // Somebody who seals and takes their time over it.
      await other.query('begin')
      await other.query(`select pg_advisory_xact_lock(hashtextextended('audit chain of ${tenantId}', 0))`)
      await work('bridge', 'Written meanwhile')
      await seal()
      await other.query('rollback')
    })
    const before = (await verified('bridge')).chains.find(({ kind }) => kind === 'cell')
    assert.ok(before && before.waiting >= 2)
    await seal()
    await client.query('commit')
  })
  await atlas.ask('GET', '/api/v1/projects', { as: 'owner@acme.test', tenant: 'in-bridge' })
  await seal()
  const cell = (await verified('bridge')).chains.find(({ kind }) => kind === 'cell')
  assert.equal(cell?.waiting, 0)
  assert.ok(cell.faults.every(({ what }) => what.includes('was put in after')))
})

test('of processes that seal at the same time each event is sealed once', async () => {
  const { databases, gates } = atlas.installation
  const process = () =>
    new AuditSealing({
      databases,
      signatures,
      tenantOf: (id) => gates.tenantOf(id),
      log: atlas.log,
      now: () => new Date(),
    })
  await Promise.all(Array.from({ length: 6 }, () => work('pool')))
  await Promise.all([process(), process(), process()].map((each) => each.sealWaiting()))
  await seal()
  const { url, tenantId } = chained('pool', 'cell')
  const [counted] = await rowsOf(
    url,
    `select count(*)::int as sealed, count(distinct id)::int as events
     from pool.audit_seals, unnest(event_ids) as id where tenant_id = $1`,
    [tenantId],
  )
  assert.equal(counted?.['sealed'], counted?.['events'])
  const [found] = await rowsOf(url, 'select count(*)::int as events from pool.audit_events where tenant_id = $1', [
    tenantId,
  ])
  assert.deepEqual(counted?.['events'], found?.['events'])
})

test('what a process had left unsealed that was killed is sealed by another one within a minute, in every model', async () => {
  const other = new Databases(atlas.databases.settings)
  const { gates } = atlas.installation
  const sealing = new AuditSealing({
    databases: other,
    signatures,
    tenantOf: (id) => gates.tenantOf(id),
    log: atlas.log,
    now: () => new Date(),
  })
  // From its start on it has looked into every place once.
  await sealing.sealWaiting()
  for (const model of models) await work(model, 'Left behind')
  const waiting = async () => {
    const found = await Promise.all(models.map((model) => verified(model)))
    return found.flatMap(({ chains }) => chains).reduce((sum, chain) => sum + chain.waiting, 0)
  }
  assert.ok((await waiting()) > 3)
  // What is left of a process after kill -9: its connections end.
  await rowsOf(
    atlas.databases.superuserUrl,
    "select pg_terminate_backend(pid) from pg_stat_activity where usename ~ '^tenantry_(serving|silo_)' and datname ~ $1",
    [`^(${databaseIn(atlas.databases.cellUrl)}|tenantry_silo_)`],
  )
  let looks = 0
  await until('everything to be sealed', async () => {
    await sealing.sealWaiting()
    looks++
    return (await waiting()) === 0
  })
  // A look every 15 s, and 10 s until the server has counted at most.
  assert.ok(looks <= 3, `${looks} looks`)
  await other.end()
})

test('the command ends with 0 when all is well, 1 when something was tampered with, 2 when it could not look', async () => {
  await seal()
  const { controlUrl, cells, secret } = atlas.databases.settings
  const settings = {
    TENANTRY_DATABASE_URL: cells[0].servingUrl,
    TENANTRY_MIGRATOR_URL: cells[0].migratorUrl,
    TENANTRY_CONTROL_URL: controlUrl,
    TENANTRY_SECRET: secret,
  }
  const verify = (more: Record<string, string> = {}) =>
    tenantry(['audit', 'verify', '--tenant', 'acme'], { ...settings, ...more })
  const { code, output } = await verify()
  assert.deepEqual([code, /as it was written/.test(output)], [0, true], output)
  const { id } = await atlas.ask<{ id: string }>('GET', '/api/v1/tenant', { as: 'owner@acme.test', tenant: 'acme' })
  const acme = { url: atlas.databases.controlUrl, schema: 'control', tenantId: id }
  const change = (query: (text: string) => Promise<unknown>) =>
    query(
      `delete from audit_events where tenant_id = $1 and id = (select event_ids[1] from audit_seals where tenant_id = $1 and number = 1)`,
    )
  await tampered(acme, change, async () => assert.equal((await verify()).code, 1))
  const nowhere = { TENANTRY_DATABASE_URL: cells[0].servingUrl.replace(databaseIn(cells[0].servingUrl), 'nowhere') }
  const away = await verify(nowhere)
  assert.deepEqual([away.code, /could not be looked at/.test(away.output)], [2, true], away.output)
})

test('a seal covers every column of an event', async () => {
  const rows = await rowsOf(
    atlas.databases.cellUrl,
    `select column_name as name from information_schema.columns where table_schema = 'pool' and table_name = 'audit_events'`,
  )
  const camelCase = (name: string) => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
  assert.deepEqual(
    rows.map(({ name }) => camelCase(String(name))).toSorted(),
    ['tenantId', ...coveredFields].toSorted(),
  )
})
