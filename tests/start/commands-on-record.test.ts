import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { rowsOf, type TestDatabases, testDatabases } from '../database.ts'
import { tenantry } from './installation-process.ts'

/** What is done by a command is on record as it would be in the console. */

let folder: string
let databases: TestDatabases
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-record-'))
  databases = await testDatabases()
})
after(async () => {
  await databases.drop()
  await rm(folder, { recursive: true, force: true })
})

const command = (...words: string[]) => {
  const { secret, controlUrl, cells } = databases.settings
  return tenantry(words, {
    TENANTRY_DATA: folder,
    TENANTRY_SECRET: secret,
    TENANTRY_DATABASE_URL: cells[0].servingUrl,
    TENANTRY_MIGRATOR_URL: cells[0].migratorUrl,
    TENANTRY_CONTROL_URL: controlUrl,
  })
}

test('whoever pauses and resumes migrations by a command is on record with the reason, as in the console', async () => {
  const paused = await command('migrate', 'pause', '--reason', 'Month end', '--json')
  assert.equal(paused.code, 0, paused.output)
  const { id, reason, heldBy } = JSON.parse(paused.output) as { id: string; reason: string; heldBy: string | null }
  assert.deepEqual([reason, heldBy], ['Month end', null])
  const again = await command('migrate', 'pause')
  assert.equal(again.code, 1)
  assert.match(again.output, /Migrations are paused[^]*→ .*npx tenantry migrate resume/)
  assert.equal((await command('migrate', 'resume', '--reason', 'The month is over')).code, 0)

  const recorded = await rowsOf(
    databases.controlUrl,
    `select event, operation, via, actor_kind, after ->> 'reason' as reason
      from control.audit_events join control.audit_values on event_id = id where resource_id = $1 order by at`,
    [id],
  )
  const byCommand = { via: 'command', actor_kind: 'system' }
  assert.deepEqual(recorded, [
    { event: 'fleet.paused', operation: 'fleet.pause', ...byCommand, reason: 'Month end' },
    { event: 'fleet.resumed', operation: 'fleet.resume', ...byCommand, reason: 'The month is over' },
  ])
})
