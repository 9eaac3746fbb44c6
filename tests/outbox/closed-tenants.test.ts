import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Installation } from '../../platform/src/installation.ts'
import { BetterAuthProvider } from '../../platform/src/modules/identity/better-auth.ts'
import { PasswordHashing } from '../../platform/src/modules/identity/password-hashing.ts'
import product from '../../product/app.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'

const staff = { as: 'staff@tenantry.test' }

let atlas: TestInstallation
/** The process whose relay works: that of the other is stopped, so that messages wait until a test lets them go. */
let worker: Installation
before(async () => {
  atlas = await TestInstallation.start()
  await atlas.installation.relay.stop()
  worker = newWorker()
})
after(async () => {
  await worker.close()
  await atlas.stop()
})

function newWorker(): Installation {
  return new Installation({
    product,
    databases: atlas.databases.settings,
    identity: new BetterAuthProvider(new PasswordHashing()),
    mailer: atlas.inbox,
    publicUrl: atlas.url,
    log: atlas.log,
  })
}

async function invited(tenant: string, email: string): Promise<void> {
  const body = { email, role: 'viewer' }
  await atlas.ask('POST', '/api/v1/invitations', { as: `owner@${tenant}.test`, tenant, body })
}

async function changed(tenant: string, verb: string, input: object): Promise<void> {
  const { items } = await atlas.ask<{ items: { id: string }[] }>('GET', `/api/v1/staff/tenants?search=${tenant}`, staff)
  const body = { reason: 'For a test', ...input }
  await atlas.ask('POST', `/api/v1/staff/tenants/${items[0]?.id}/${verb}`, { ...staff, body })
}

async function isMailed(email: string): Promise<boolean> {
  return (await atlas.inbox.letters()).some(({ to }) => to === email)
}

async function mailed(email: string, withinMs: number): Promise<void> {
  const giveUpAtMs = performance.now() + withinMs
  while (!(await isMailed(email))) {
    assert.ok(performance.now() < giveUpAtMs, `no mail to ${email}`)
    await wait(50)
  }
}

test("a closed tenant's work waits, without failing and without holding up others, and is done once it is open again", async () => {
  const [early, late] = ['early@example.test', 'late@example.test']
  for (let count = 0; count < 20; count++) await invited('acme', `one-of-many-${count}@example.test`)
  await invited('acme', early)
  await changed('acme', 'suspend', { mode: 'blocked' })
  await invited('globex', late)

  worker.relay.start()
  await mailed(late, 5_000)
  await wait(1_500)
  assert.equal(await isMailed(early), false)
  const waiting = await rowsOf(
    atlas.databases.cellUrl,
    `select count(*)::int as count, max(attempts) as attempts, count(failed_at)::int as failed from pool.outbox
      where done_at is null and available_at > now()`,
  )
  assert.deepEqual(waiting, [{ count: 21, attempts: 0, failed: 0 }])

  await changed('acme', 'reactivate', {})
  await mailed(early, 15_000)
})

test('the work of a cancelled tenant waits, too, and is done when it is restored', async () => {
  const email = 'guest@example.test'
  await worker.relay.stop()
  await invited('globex', email)
  await changed('globex', 'cancel', { slug: 'globex' })
  await worker.close()
  worker = newWorker()
  worker.relay.start()
  await wait(2_500)
  assert.equal(await isMailed(email), false)
  await changed('globex', 'restore', {})
  await mailed(email, 15_000)
})
