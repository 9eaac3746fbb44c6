import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Tenant } from '../../platform/src/kernel/context.ts'
import { compareCatalogue, compareSchema } from '../../platform/src/kernel/database/catalogue.ts'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { prepareServer, withClient } from '../../platform/src/kernel/database/prepare.ts'
import { bridgeSchema, databaseIn, siloName, urlFor } from '../../platform/src/kernel/database/roles.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import product from '../../product/app.ts'
import { type TestDatabases, testDatabases } from '../database.ts'
import { dropSilos, tenantsIn } from './own-places.ts'

/** The catalogue check finds nothing on a migrated database, and every single thing that somebody could break. */

const modules = [...platformModules, ...product.modules]
let databases: TestDatabases
let ours: Databases
let bridge: Tenant
let silo: Tenant
before(async () => {
  databases = await testDatabases({ silos: true })
  ours = new Databases(databases.settings)
  ;[bridge, silo] = [await tenantIn('bridge'), await tenantIn('silo')]
})
after(async () => {
  await ours.end()
  await dropSilos(ours, [silo])
  await databases.drop()
})

async function tenantIn(model: 'bridge' | 'silo'): Promise<Tenant> {
  const [tenant] = await tenantsIn(ours, model, 1)
  assert.ok(tenant)
  return tenant
}

const places = ['control', 'cell', 'bridge', 'silo'] as const
type PlaceKind = (typeof places)[number]

const urlOf = (place: PlaceKind) => {
  if (place === 'silo') return urlFor(databases.superuserUrl, { database: siloName(silo.id) })
  return place === 'control' ? databases.controlUrl : databases.cellUrl
}
const compare = (client: Parameters<typeof compareCatalogue>[0], place: PlaceKind) =>
  place === 'bridge'
    ? compareSchema(client, bridgeSchema(bridge.id), modules)
    : compareCatalogue(client, place, modules)

test('a migrated installation is exactly as declared', async () => {
  for (const place of places) assert.deepEqual(await withClient(urlOf(place), (client) => compare(client, place)), [])
})

/** All that a question about roles was answered from just before something is done until it is done. */
function seenDuring(work: () => Promise<void>, question: string): Promise<unknown[]> {
  return withClient(databases.superuserUrl, async (client) => {
    const progress = { isOver: false }
    const seen = new Set<unknown>()
    const look = async () => {
      for (const row of (await client.query(question)).rows) seen.add(row.answer)
    }
    await look()
    const working = work().finally(() => {
      progress.isOver = true
    })
    const looking = async () => {
      while (!progress.isOver) await look()
    }
    await Promise.all([working, looking()])
    return [...seen]
  })
}

test('what the provisioner may do is not taken from it for a moment while a server is prepared again', async () => {
  const { superuserUrl, settings, cellUrl } = databases
  const parts = { administratorUrl: superuserUrl, secret: settings.secret, cellDatabase: databaseIn(cellUrl) }
  const prepare = async () => {
    for (let nth = 0; nth < 10; nth++) await prepareServer(parts)
  }
  const question = "select rolcreatedb and rolcreaterole as answer from pg_roles where rolname = 'tenantry_provisioner'"
  assert.deepEqual(await seenDuring(prepare, question), [true])
})

test('the provisioner has the rights of no silo, not even while it drops it', async () => {
  const dropped = await tenantIn('silo')
  const question = `select pg_has_role('tenantry_provisioner', oid, 'usage') as answer from pg_roles
    where rolname = '${siloName(dropped.id)}'`
  assert.deepEqual(await seenDuring(() => dropSilos(ours, [dropped]), question), [false])
})

/** What somebody does, and what the check must say. */
const faults: readonly (readonly [kind: 'control' | 'cell', fault: string, said: RegExp])[] = [
  ['cell', 'drop policy tenant_named on pool.projects', /policies of pool.projects: tenant_named .* is missing/],
  ['cell', 'drop policy tenant_verified on pool.tasks', /policies of pool.tasks: tenant_verified .* is missing/],
  [
    'cell',
    'alter policy tenant_verified on pool.tasks with check (true)',
    /tenant_verified of pool.tasks writes by true/,
  ],
  [
    'cell',
    'alter policy tenant_verified on pool.tasks to public',
    /policies of pool.tasks: .*public.* is not declared/,
  ],
  [
    'cell',
    'create policy extra on pool.members to tenantry_serving using (true)',
    /policies of pool.members: other tenantry_serving is not declared/,
  ],
  ['cell', 'alter table pool.members no force row level security', /pool.members does not force/],
  ['cell', 'alter table pool.members disable row level security', /pool.members has row-level security switched off/],
  ['cell', 'alter table pool.members owner to tenantry_serving', /pool.members belongs to tenantry_serving/],
  [
    'cell',
    'revoke insert on pool.members from tenantry_workers',
    /grants on pool.members: tenantry_workers insert is missing/,
  ],
  ['cell', 'grant truncate on pool.projects to tenantry_serving', /tenantry_serving truncate is not declared/],
  ['cell', 'grant references (id) on pool.projects to tenantry_serving', /tenantry_serving references is not declared/],
  ['cell', 'grant select on pool.projects to public', /public select is not declared/],
  [
    'cell',
    'grant update on pool.audit_events to tenantry_serving',
    /grants on pool.audit_events: tenantry_serving update is not declared/,
  ],
  [
    'cell',
    'grant select on tenancy.signing_keys to tenantry_serving',
    /tenancy\.signing_keys: tenantry_serving select is not declared/,
  ],
  ['cell', 'create table pool.notes (id int)', /pool.notes belongs to no declared kind/],
  ['cell', 'create table public.notes (id int)', /public.notes belongs to no declared kind/],
  [
    'cell',
    'create view pool.all_projects as select * from pool.projects',
    /pool.all_projects is a view that does not run as its caller/,
  ],
  ['cell', 'create materialized view pool.copies as select * from pool.projects', /pool.copies is a materialised view/],
  [
    'cell',
    'create unique index bad on pool.projects (name)',
    /bad of (pool\.)?projects is a unique key that does not start with tenant_id/,
  ],
  ['cell', 'alter table pool.projects add constraint bad unique (id)', /bad of (pool\.)?projects is a unique key/],
  [
    'cell',
    'alter table pool.projects add unique (id); alter table pool.tasks add constraint bad foreign key (project_id) references pool.projects (id)',
    /bad of (pool\.)?tasks is a foreign key that does not start with tenant_id/,
  ],
  [
    'cell',
    `create function pool.peek() returns int language sql security definer as 'select 1'`,
    /pool.peek\(\) runs as its owner without a fixed search_path/,
  ],
  [
    'cell',
    'grant execute on function tenancy.refuse_change() to public',
    /callers of tenancy.refuse_change\(\): public is not declared/,
  ],
  ['cell', 'grant create on schema pool to tenantry_serving', /schema pool to tenantry_serving: create/],
  [
    'cell',
    'alter default privileges for role tenantry_owner in schema pool grant select on tables to tenantry_serving',
    /default privileges of tenantry_owner to tenantry_serving/,
  ],
  [
    'control',
    'grant select on control.tenants to tenantry_serving',
    /grants on control.tenants: tenantry_serving select is not declared/,
  ],
  [
    'control',
    'grant select on identity.users to tenantry_serving',
    /grants on identity.users: tenantry_serving select is not declared/,
  ],
  [
    'control',
    'grant select on identity.users to tenantry_control',
    /grants on identity.users: tenantry_control select is not declared/,
  ],
  [
    'control',
    'alter function control.find_tenant(text) reset all',
    /find_tenant.* runs as its owner without a fixed search_path/,
  ],
  ['cell', 'alter role tenantry_serving bypassrls', /tenantry_serving bypasses row-level security/],
  ['cell', 'alter role tenantry_serving superuser', /tenantry_serving is a superuser/],
  [
    'cell',
    'grant tenantry_owner to tenantry_serving',
    /memberships of tenantry_serving: tenantry_owner is not declared/,
  ],
  ['cell', 'alter role tenantry_relay createrole', /tenantry_relay may create roles/],
]

/** What is done to the pool's tables is done in each place that has them; the rest of a database is no schema's business. */
const planted = faults.flatMap(([kind, fault, said]): (readonly [PlaceKind, string, RegExp])[] => {
  if (kind === 'control') return [[kind, fault, said]]
  const inSchema = fault.includes(' pool.') && !/tenancy|default privileges/.test(fault)
  return [[kind, fault, said], ['silo', fault, said], ...(inSchema ? [['bridge', fault, said] as const] : [])]
})

describe('the catalogue check finds', () => {
  for (const [place, fault, said] of planted) {
    test(`in ${place}: ${fault}`, async () => {
      const schema = bridgeSchema(bridge.id)
      const [doing, saying] =
        place === 'bridge'
          ? [fault.replaceAll('pool.', `${schema}.`), new RegExp(said.source.replaceAll('pool', schema))]
          : [fault, said]
      const found = await withClient(urlOf(place), async (client) => {
        await client.query('begin')
        await client.query(doing)
        // Never committed: roles belong to the whole server, and other tests run beside this one.
        const differences = await compare(client, place)
        await client.query('rollback')
        return differences
      })
      assert.ok(
        found.some((difference) => saying.test(difference)),
        found.join('\n') || 'nothing',
      )
    })
  }
})
