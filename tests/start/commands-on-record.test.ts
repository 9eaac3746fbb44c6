import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { rowsOf, type TestDatabases, testDatabases } from '../database.ts'
import { givenUpMessage } from '../outbox/given-up-message.ts'
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

test('messages that were given up are listed and repeated by a command, which says what it did and can be run twice', async () => {
  const [first, second] = [await givenUpMessage(databases), await givenUpMessage(databases)]
  const listed = await command('outbox', 'list')
  assert.equal(listed.code, 0, listed.output)
  for (const id of [first, second])
    assert.match(listed.output, new RegExp(`^${id} +event nothing.happened +control +– +12 .*it failed$`, 'm'))

  const one = await command('outbox', 'repeat', first, '--json')
  const message = { id: first, tenantId: null, kind: 'event', name: 'nothing.happened', place: 'control' }
  assert.deepEqual(JSON.parse(one.output), { repeated: [message], unreachable: [] })
  const again = await command('outbox', 'repeat', first)
  assert.equal(again.code, 1)
  assert.match(
    again.output,
    new RegExp(`No message ${first} was given up; nothing has changed.*npx tenantry outbox list`),
  )
  const all = await command('outbox', 'repeat', '--all', '--reason', 'A test')
  assert.match(all.output, new RegExp(`^✓ event nothing.happened in control: ${second}\n1 message is tried again\\.`))
  assert.match((await command('outbox', 'repeat', '--all')).output, /^No message was given up; nothing has changed\./)
  assert.match((await command('outbox', 'list')).output, /^No message was given up\./)
  for (const words of [[], [second, '--all']]) assert.equal((await command('outbox', 'repeat', ...words)).code, 1)
})
