import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Installation } from '../../platform/src/installation.ts'
import { BetterAuthProvider } from '../../platform/src/modules/identity/better-auth.ts'
import { PasswordHashing } from '../../platform/src/modules/identity/password-hashing.ts'
import product from '../../product/app.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'

const dayMs = 86_400_000

let site: TestInstallation
before(async () => {
  site = await TestInstallation.start()
})
after(() => site.stop())

function runs(): Promise<Record<string, unknown>[]> {
  const text = `select request_id from control.outbox where name = 'identity.deleteExpired' and done_at is not null order by 1`
  return rowsOf(site.databases.controlUrl, text)
}

async function runsReach(count: number): Promise<void> {
  for (let tries = 0; (await runs()).length < count; tries++) {
    assert.ok(tries < 100, `${count} runs of the daily job`)
    await wait(50)
  }
}

test('a daily job runs once a day, however many processes there are, and again the day after', async () => {
  await runsReach(1)
  const sessions = () => rowsOf(site.databases.controlUrl, 'select id from identity.sessions')
  await site.cookieOf('owner@acme.test')
  assert.ok((await sessions()).length > 0)

  // A second process on the same databases finds that the job of the day is there.
  const second = new Installation({
    product,
    databases: site.databases.settings,
    identity: new BetterAuthProvider(new PasswordHashing()),
    mailer: site.inbox,
    publicUrl: site.url,
    log: site.log,
  })
  second.relay.start()
  await wait(1_500)
  await second.close()
  assert.equal((await runs()).length, 1)

  site.clock.aheadMs = 400 * dayMs
  await runsReach(2)
  assert.equal(new Set((await runs()).map((run) => run['request_id'])).size, 2)
  assert.deepEqual(await sessions(), [])
})
