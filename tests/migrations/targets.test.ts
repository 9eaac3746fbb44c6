import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { migrationTargets } from '../../platform/src/migrate.ts'
import { rowsOf, type TestDatabases, testDatabases } from '../database.ts'

/** What a run of migrations goes through. */

let databases: TestDatabases
let opened: Databases
before(async () => {
  databases = await testDatabases()
  opened = new Databases(databases.settings)
})
after(async () => {
  await opened.end()
  await databases.drop()
})

const tenantsFound = async () => {
  const found: string[] = []
  for await (const { tenantId } of migrationTargets(opened)) if (tenantId !== undefined) found.push(tenantId)
  return found
}

test('tenants with a place of their own are targets, unless it is being made or is gone', async () => {
  const bridges = Array.from({ length: 3 }, () => newId())
  const [active, provisioning, purged] = bridges as [string, string, string]
  await rowsOf(
    databases.controlUrl,
    `insert into control.tenants (id, slug, name, state, cell, model, created_at, updated_at) values
      ($1, 'active', 'Active', 'active', 'main', 'bridge', now(), now()),
      ($2, 'provisioning', 'Provisioning', 'provisioning', 'main', 'bridge', now(), now()),
      ($3, null, 'Purged', 'purged', 'main', 'bridge', now(), now()),
      ($4, 'pooled', 'Pooled', 'active', 'main', 'pool', now(), now())`,
    [active, provisioning, purged, newId()],
  )
  assert.deepEqual(await tenantsFound(), [active])
})

test('no tenants are known before the control database has the tables that name them, and nothing fails for that', async () => {
  await rowsOf(databases.controlUrl, 'alter table control.tenants rename column model to model_of_tomorrow')
  assert.deepEqual(await tenantsFound(), [])
  await rowsOf(databases.controlUrl, 'alter table control.tenants rename to tenants_of_tomorrow')
  assert.deepEqual(await tenantsFound(), [])
  await rowsOf(databases.controlUrl, 'alter table control.tenants_of_tomorrow rename to tenants')
  await rowsOf(databases.controlUrl, 'alter table control.tenants rename column model_of_tomorrow to model')
})
