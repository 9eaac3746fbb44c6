import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isSignedBy, signReport } from '../../platform/src/isolation/report-signature.ts'
import { type IsolationReport, verifyIsolation } from '../../platform/src/isolation/verify.ts'
import { bridgeSchema, siloName, urlFor } from '../../platform/src/kernel/database/roles.ts'
import { rowsOf, testSecret } from '../database.ts'
import { TestInstallation } from '../installation.ts'

/** The auditor's command finds nothing where nothing is wrong, and each fault that is planted. */

let atlas: TestInstallation
let bridge: string
let silo: string
before(async () => {
  atlas = await TestInstallation.start({ model: 'silo' })
  await atlas.foundTenant('bridge', { model: 'bridge' })
  const rows = await rowsOf(atlas.databases.controlUrl, 'select id, slug from control.tenants')
  const idOf = (slug: string) => String(rows.find((row) => row['slug'] === slug)?.['id'])
  bridge = bridgeSchema(idOf('bridge'))
  silo = siloName(idOf('acme'))
  await atlas.ask('POST', '/api/v1/projects', { as: 'owner@acme.test', tenant: 'bridge', body: { name: 'Here' } })
})
after(() => atlas.stop())

const verified = () =>
  verifyIsolation({
    settings: atlas.databases.settings,
    modules: atlas.installation.modules,
    release: 'test',
  })

/** All that a report says is wrong, as `target: sentence`. */
const wrongIn = ({ targets }: IsolationReport) =>
  targets.flatMap(({ name, differences, attacks }) => [
    ...differences.map((difference) => `${name}: ${difference}`),
    ...attacks.flatMap((attack) => attack.got.map((what) => `${name}: ${attack.name}: ${what}`)),
  ])

test('an installation that is as declared holds, in all three models', async () => {
  const report = await verified()
  assert.deepEqual(wrongIn(report), [])
  assert.ok(report.holds)
  const tried = report.targets.map(({ name, attacks }) => `${name.split(' ')[0]} ${attacks.length}`)
  assert.deepEqual(tried.toSorted(), ['bridge 13', 'cell 13', 'control 2', 'silo 13', 'silo 13', 'template 0'])
})

const inPool = () => atlas.databases.cellUrl
const inSilo = () => urlFor(atlas.databases.cellUrl, { database: silo })
const inControl = () => atlas.databases.controlUrl

const faults: { plant: () => string; mend: () => string; where: () => string; found: RegExp; attack?: RegExp }[] = [
  {
    plant: () => `alter table ${bridge}.projects disable row level security`,
    mend: () => `alter table ${bridge}.projects enable row level security`,
    where: inPool,
    found: /^bridge .*projects has row-level security switched off/,
    attack: /^bridge .*without a context: projects: 1 rows/,
  },
  {
    plant: () => `alter policy tenant_verified on ${bridge}.projects using (true)`,
    mend: () =>
      `alter policy tenant_verified on ${bridge}.projects using (tenant_id = (select tenancy.verified_tenant()))`,
    where: inPool,
    found: /^bridge .*tenant_verified of .*projects reads by true/,
  },
  {
    plant: () => 'create policy everybody on pool.audit_events using (true)',
    mend: () => 'drop policy everybody on pool.audit_events',
    where: inSilo,
    found: /^silo .*policies of pool.audit_events/,
  },
  {
    plant: () => 'drop policy tenant_verified on pool.audit_events',
    mend: () =>
      `create policy tenant_verified on pool.audit_events as restrictive to tenantry_workers
        using (tenant_id = (select tenancy.verified_tenant())) with check (tenant_id = (select tenancy.verified_tenant()))`,
    where: inSilo,
    found: /^silo .*policies of pool.audit_events/,
    attack: /^silo .*sets a context of its own making.*: audit_events: 1 rows/,
  },
  {
    plant: () => 'grant truncate on pool.members to tenantry_workers',
    mend: () => 'revoke truncate on pool.members from tenantry_workers',
    where: inPool,
    found: /^cell main: grants on pool.members: tenantry_workers truncate/,
  },
  {
    plant: () => 'grant select on tenancy.signing_keys to tenantry_workers',
    mend: () => 'revoke select on tenancy.signing_keys from tenantry_workers',
    where: inPool,
    found: /^cell main: grants on tenancy.signing_keys/,
    attack: /^cell main: reads keys and ledger: select \* from tenancy.signing_keys: done/,
  },
  {
    plant: () =>
      'grant select on identity.users to tenantry_serving; grant usage on schema identity to tenantry_serving',
    mend: () =>
      'revoke select on identity.users from tenantry_serving; revoke usage on schema identity from tenantry_serving',
    where: inControl,
    found: /^control: grants on identity.users/,
    attack: /^control: reads accounts.*identity.users/,
  },
]

for (const { plant, mend, where, found: expected, attack } of faults) {
  test(`finds: ${expected.source}${attack ? ', and breaks in' : ''}`, async () => {
    await rowsOf(where(), plant())
    try {
      const report = await verified()
      const wrong = wrongIn(report)
      assert.ok(!report.holds)
      assert.ok(
        wrong.some((line) => expected.test(line)),
        wrong.join('\n'),
      )
      if (attack)
        assert.ok(
          wrong.some((line) => attack.test(line)),
          wrong.join('\n'),
        )
    } finally {
      await rowsOf(where(), mend())
    }
  })
}

test('leaves nothing behind', async () => {
  await verified()
  for (const url of [inPool(), inSilo()])
    assert.deepEqual(await rowsOf(url, "select from pool.audit_events where event = 'isolation.attacked'"), [])
})

test('a report is genuine as it was signed, and no longer when a word was changed', () => {
  const signed = signReport({ at: '2026-11-21T00:00:00.000Z', release: 'test', holds: false, targets: [] }, testSecret)
  const read = JSON.parse(JSON.stringify(signed)) as typeof signed
  assert.ok(isSignedBy(read, testSecret))
  assert.ok(!isSignedBy({ ...read, report: { ...read.report, holds: true } }, testSecret))
  assert.ok(!isSignedBy(read, `${testSecret} of another installation`))
})
