import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { bridgeSchema, schemaOf, siloName, urlFor } from '../../platform/src/kernel/database/roles.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'

/** Purging a tenant that has a place of its own; tests/operations/lifecycle.test.ts does it in the pool. */

const staff = { as: 'staff@tenantry.test' }

describe('a purged tenant takes its place with it', () => {
  for (const model of ['bridge', 'silo'] as const) {
    test(`in a ${model}, and its neighbour keeps everything`, async () => {
      const atlas = await TestInstallation.start({ model })
      try {
        const [acme, globex] = [await idOf(atlas, 'acme'), await idOf(atlas, 'globex')]
        const before = await rowsIn(atlas, model, acme)
        assert.ok((before['members'] ?? 0) >= 4 && (before['audit_values'] ?? 0) > 0)
        // Its bell has been rung while a message waits.
        const traces = (await tracesOf(atlas, globex)).filter((trace) => trace !== 'bell')
        assert.deepEqual(traces, model === 'bridge' ? ['schema', 'ledger'] : ['database', 'role'])
        await purged(atlas, globex)
        assert.deepEqual(await tracesOf(atlas, globex), [])
        assert.deepEqual(await rowsIn(atlas, model, acme), before)
      } finally {
        await atlas.stop()
      }
    })
  }
})

/** What of a tenant's own place is there. */
async function tracesOf({ databases }: TestInstallation, id: string): Promise<unknown[]> {
  const rows = await rowsOf(
    databases.cellUrl,
    `select 'schema' as trace from pg_namespace where nspname = $1
      union all (select 'ledger' from migrations.ledger where schema_name = $1 limit 1)
      union all select 'bell' from tenancy.bells where schema_name = $1
      union all select 'database' from pg_database where datname = $2
      union all select 'role' from pg_roles where rolname = $2`,
    [bridgeSchema(id), siloName(id)],
  )
  return rows.map(({ trace }) => trace)
}

async function idOf(atlas: TestInstallation, tenant: string): Promise<string> {
  return (await atlas.ask<{ id: string }>('GET', '/api/v1/tenant', { as: `owner@${tenant}.test`, tenant })).id
}

async function purged(atlas: TestInstallation, id: string): Promise<void> {
  const { controlUrl } = atlas.databases
  const body = { slug: 'globex', reason: 'To see what is left' }
  await atlas.ask('POST', `/api/v1/staff/tenants/${id}/cancel`, { ...staff, body })
  await rowsOf(controlUrl, 'update control.tenants set purge_after = now() where id = $1', [id])
  await atlas.ask('POST', `/api/v1/staff/tenants/${id}/purge`, { ...staff, body })
  const isErased = async () =>
    (await rowsOf(controlUrl, 'select from control.tenants where id = $1 and erased_at is not null', [id])).length > 0
  for (let tries = 0; !(await isErased()); tries++) {
    assert.ok(tries < 400, 'the rows are erased')
    await wait(25)
  }
}

/** How many rows each table of a tenant's own place has. */
async function rowsIn(atlas: TestInstallation, model: 'bridge' | 'silo', id: string): Promise<Record<string, number>> {
  const { superuserUrl, cellUrl } = atlas.databases
  const url = model === 'bridge' ? cellUrl : urlFor(superuserUrl, { database: siloName(id) })
  const schema = model === 'bridge' ? bridgeSchema(id) : schemaOf.silo
  const tables = await rowsOf(
    url,
    "select table_name as name from information_schema.columns where table_schema = $1 and column_name = 'tenant_id'",
    [schema],
  )
  assert.ok(tables.length >= 8)
  const counts = tables.map(async ({ name }) => {
    const rows = await rowsOf(url, `select count(*)::int as count from ${schema}.${String(name)}`)
    return [String(name), Number(rows[0]?.['count'])] as const
  })
  return Object.fromEntries(await Promise.all(counts))
}
