import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { verifyCatalogue } from '../../platform/src/catalogue-verification.ts'
import { Installation } from '../../platform/src/installation.ts'
import { compareCatalogue } from '../../platform/src/kernel/database/catalogue.ts'
import { foundationChecksums, layFoundation } from '../../platform/src/kernel/database/foundation.ts'
import { foundationText } from '../../platform/src/kernel/database/migration-files.ts'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { requireOperation } from '../../platform/src/kernel/operation.ts'
import { migrate } from '../../platform/src/migrate.ts'
import { BetterAuthProvider } from '../../platform/src/modules/identity/better-auth.ts'
import { PasswordHashing } from '../../platform/src/modules/identity/password-hashing.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import { system } from '../../platform/src/system-session.ts'
import product from '../../product/app.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { ScratchModule } from './scratch-module.ts'

/** A process of the release before, on databases that the next release has migrated: it starts, serves and founds. */

const modules = [...platformModules, ...product.modules]
let atlas: TestInstallation
let next: ScratchModule
before(async () => {
  atlas = await TestInstallation.start({ silos: true })
  next = await ScratchModule.make()
  await next.write(
    '0001_notes',
    `create table notes (tenant_id uuid, body text);
     select tenancy.protect_tenant_table('notes', 'select');
     create function note_length() returns int language sql return 1;
     revoke execute on function note_length() from public;
     alter table projects add column note text`,
    'alter table projects drop column note; drop function note_length; drop table notes',
  )
  assert.equal((await migrate(atlas.databases.settings, [...modules, next.module])).ahead, false)
})
after(async () => {
  await next.remove()
  await atlas.stop()
})

const cell = () => atlas.installation.databases.cells[0].poolTarget()
const inPool = (text: string) => withClient(cell().url, (client) => client.query(`set role tenantry_owner; ${text}`))
const differences = async () => {
  const { databases } = atlas.installation
  return (await verifyCatalogue(databases, databases.cells, modules)).differences
}
const levels = () =>
  rowsOf(atlas.databases.controlUrl, 'select name, level, state from control.fleet_targets order by name')

async function found(slug: string, model: 'bridge' | 'silo'): Promise<{ id: string }> {
  const create = requireOperation(atlas.installation.operations, 'staffTenants.create')
  const input = { name: slug, slug, owner: 'owner@acme.test', model, reason: 'a test' }
  const tenant = (await atlas.installation.call(create, system, input)) as { id: string }
  for (let tries = 0; (await projectsOf(slug)) !== 200; tries++) {
    assert.ok(tries < 200, `${slug} is served`)
    await wait(100)
  }
  return tenant
}

async function projectsOf(slug: string): Promise<number> {
  return (await atlas.request('GET', '/api/v1/projects', { as: 'owner@acme.test', tenant: slug })).status
}

test('starts: it applies nothing, leaves what it does not know, and finds all that it declares', async () => {
  const before = await levels()
  const { applied, ahead, failed } = await migrate(atlas.databases.settings, modules)
  assert.deepEqual({ applied, ahead, failed }, { applied: 0, ahead: true, failed: 0 })
  assert.deepEqual(await levels(), before, 'processes of the newer release read there how far each is')
  assert.deepEqual(await differences(), [])
  assert.equal(await projectsOf('acme'), 200)
})

test('refuses what is not as declared as ever, and what of the newer release everybody could read', async () => {
  const planted: [string, string, RegExp][] = [
    [
      'alter table notes no force row level security',
      'alter table notes force row level security',
      /pool\.notes .* does not force/,
    ],
    ['grant select on notes to public', 'revoke select on notes from public', /grants on pool\.notes: public select/],
    [
      'grant execute on function note_length() to public',
      'revoke execute on function note_length() from public',
      /callers of pool\.note_length\(\): public is not declared/,
    ],
    [
      'alter table projects no force row level security',
      'alter table projects force row level security',
      /pool\.projects does not force row-level security/,
    ],
  ]
  for (const [fault, mended, expected] of planted) {
    await inPool(`set search_path = pool; ${fault}`)
    assert.match((await differences()).join('\n'), expected)
    await inPool(`set search_path = pool; ${mended}`)
  }
  assert.deepEqual(await differences(), [])
})

test('does not tolerate the same in a database that is at its own release', async () => {
  const found = await withClient(cell().url, (client) => compareCatalogue(client, 'cell', modules))
  assert.deepEqual(found, [
    'pool.note_length() is a function that nothing declares',
    'pool.notes belongs to no declared kind of table',
  ])
})

test('founds tenants in silos, which have what the newer release has put into the template', async () => {
  const { id } = await found('north', 'silo')
  const [own] = await rowsOf(
    atlas.databases.controlUrl,
    'select level from control.fleet_targets where tenant_id = $1',
    [id],
  )
  const [template] = await rowsOf(
    atlas.databases.controlUrl,
    "select level from control.fleet_targets where name like '%template%'",
  )
  assert.deepEqual(own, template)
})

test('founds tenants in schemas at its own level, and the newer release brings those up by itself', async () => {
  const { id } = await found('south', 'bridge')
  const newer = new Installation({
    product: { ...product, modules: [...product.modules, next.module] },
    databases: atlas.databases.settings,
    identity: new BetterAuthProvider(new PasswordHashing()),
    mailer: atlas.inbox,
    publicUrl: atlas.url,
    log: atlas.log,
  })
  try {
    const tenant = await newer.gates.tenantOf(id)
    assert.ok(tenant)
    assert.equal(await newer.gates.isBehind(tenant), true)
    for (let tries = 0; await newer.gates.isBehind(tenant); tries++) {
      assert.ok(tries < 200, 'it is brought up')
      await wait(100)
    }
  } finally {
    await newer.close()
  }
  assert.equal(await projectsOf('south'), 200)
})

test('leaves the foundation of a newer release as it is', async () => {
  assert.equal(
    createHash('sha256')
      .update(await foundationText())
      .digest('hex'),
    foundationChecksums.at(-1),
    'foundation.sql was changed: append its checksum to foundationChecksums',
  )
  const target = cell()
  await withClient(target.url, async (client) => {
    const note = async () =>
      (await client.query("select obj_description('tenancy'::regnamespace, 'pg_namespace') as note")).rows[0]?.note
    const other = { ...target, key: { ...target.key, id: 'another8' } }
    await client.query("set role tenantry_verifier; comment on schema tenancy is 'of a newer release'; reset role")
    await layFoundation(client, other)
    assert.equal(await note(), 'of a newer release')
    await client.query('set role tenantry_verifier')
    const { rowCount } = await client.query('select from tenancy.signing_keys where id = $1', [other.key.id])
    assert.equal(rowCount, 1, 'its own key is there all the same')
    await client.query('comment on schema tenancy is null; reset role')
    await layFoundation(client, target)
    assert.equal(await note(), foundationChecksums.at(-1))
  })
})
