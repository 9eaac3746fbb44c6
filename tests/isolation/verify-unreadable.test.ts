import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type TargetFindings, verifyIsolation } from '../../platform/src/isolation/verify.ts'
import { newCredential } from '../../platform/src/kernel/database/silo-credential.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'

/** What the auditor's command says of a database that it cannot get into. */

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start({ model: 'silo' })
})
after(() => atlas.stop())

test('a silo whose credential cannot be opened is a finding of its own, and all others are verified', async () => {
  const [acme] = await rowsOf(atlas.databases.controlUrl, "select id from control.tenants where slug = 'acme'")
  const id = String(acme?.['id'])
  const foreign = newCredential('the secret of another installation, long enough', id)
  await rowsOf(atlas.databases.controlUrl, 'update control.tenants set silo_credential = $2 where id = $1', [
    id,
    foreign,
  ])

  const told: TargetFindings[] = []
  const report = await verifyIsolation({
    settings: atlas.databases.settings,
    modules: atlas.installation.modules,
    release: 'test',
    progress: (findings) => told.push(findings),
  })

  assert.equal(report.holds, false)
  assert.deepEqual(told, report.targets)
  const wrong = report.targets.filter(({ differences }) => differences.length > 0)
  assert.deepEqual(
    wrong.map(({ name, differences }) => [name, differences]),
    [
      [
        `silo ${id}`,
        [`it could not be verified: the credential of silo ${id} was not sealed with this installation's secret`],
      ],
    ],
  )
  const attacked = report.targets.filter(({ attacks }) => attacks.length > 0).map(({ name }) => name.split(' ')[0])
  assert.deepEqual(attacked, ['control', 'cell', 'silo'])
})
