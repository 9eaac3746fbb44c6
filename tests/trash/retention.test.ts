import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Installation } from '../../platform/src/installation.ts'
import { BetterAuthProvider } from '../../platform/src/modules/identity/better-auth.ts'
import { PasswordHashing } from '../../platform/src/modules/identity/password-hashing.ts'
import type { TrashedRecord } from '../../platform/src/modules/trash/public.ts'
import { trashKeeperWith } from '../../platform/src/trash-keeper.ts'
import product from '../../product/app.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'

/** How long what is deleted waits, and what happens then: every night, in every tenant, by itself. */

const dayMs = 86_400_000
const staff = { as: 'staff@tenantry.test' }

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start()
})
after(() => atlas.stop())

const ownerOf = (tenant: string) => ({ as: tenant === 'globex' ? 'owner@globex.test' : 'owner@acme.test', tenant })
const ask = <Body>(tenant: string, method: string, path: string, body?: object) =>
  atlas.ask<Body>(method, `/api/v1${path}`, { ...ownerOf(tenant), ...(body && { body }) })

/** A project with a task, in the trash. */
async function deleted(tenant: string, name: string): Promise<string> {
  const { id } = await ask<{ id: string }>(tenant, 'POST', '/projects', { name })
  await ask(tenant, 'POST', '/tasks', { projectId: id, title: `Of ${name}` })
  await ask(tenant, 'DELETE', `/projects/${id}`)
  return id
}

const trash = async (tenant: string) =>
  (await ask<{ items: TrashedRecord[] }>(tenant, 'GET', '/trash?limit=100')).items.map(({ name }) => name).toSorted()

const idOf = async (tenant: string) => (await ask<{ id: string }>(tenant, 'GET', '/tenant')).id
const staffDo = (id: string, verb: string, body: object) =>
  atlas.ask('POST', `/api/v1/staff/tenants/${id}/${verb}`, { ...staff, body: { reason: 'For a test', ...body } })

/** The night after so many days, carried to its end. Sessions have ended by then. */
async function nightAfter(days: number): Promise<void> {
  atlas.clock.aheadMs = days * dayMs
  const day = new Date(Date.now() + atlas.clock.aheadMs).toISOString().slice(0, 10)
  const waiting = "select from control.outbox where name like 'trash.%' and (done_at is null or failed_at is not null)"
  const begun = "select from control.outbox where name = 'trash.purgeDue' and request_id = $1"
  const { controlUrl } = atlas.databases
  await until('the night has come', async () => (await rowsOf(controlUrl, begun, [`daily ${day}`])).length > 0)
  await until('the trash is looked through', async () => (await rowsOf(controlUrl, waiting)).length === 0)
  for (const email of ['owner@acme.test', 'owner@globex.test', staff.as]) atlas.forgetCookie(email)
}

const keeper = () => trashKeeperWith(atlas.installation.operations, (...call) => atlas.installation.call(...call))

async function due(tenantId: string, inDays: number): Promise<TrashedRecord[]> {
  const found: TrashedRecord[] = []
  for await (const each of keeper().due(tenantId, new Date(Date.now() + inDays * dayMs).toISOString())) found.push(each)
  return found
}

test('the platform deletes only what is as it was seen, and of two at once one does', async () => {
  const id = await deleted('acme', 'Seen too early')
  const acme = await idOf('acme')
  const [seen] = await due(acme, 31)
  assert.ok(seen?.id === id)
  assert.deepEqual(await due(acme, 29), [])
  await ask('acme', 'POST', `/projects/${id}/restore`)
  assert.equal(await keeper().purge(acme, seen), false)
  await ask('acme', 'DELETE', `/projects/${id}`)
  assert.equal(await keeper().purge(acme, seen), false)
  const [again] = await due(acme, 31)
  assert.ok(again)
  const both = await Promise.all([keeper().purge(acme, again), keeper().purge(acme, again)])
  assert.deepEqual(both.toSorted(), [false, true])
  assert.deepEqual(await trash('acme'), [])
})

test('after its days everything is deleted for good that may be, once, on record, and nothing else', async () => {
  const { cellUrl, superuserUrl, settings } = atlas.databases
  await atlas.foundTenant('in-bridge', { model: 'bridge' })
  await atlas.foundTenant('read-only', { model: 'pool' })
  await staffDo(await idOf('globex'), 'change-plan', { plan: 'business' })
  const gone = [await deleted('acme', 'Thirty days'), await deleted('in-bridge', 'In a schema')]
  for (const tenant of ['globex', 'read-only']) await deleted(tenant, 'Stays')
  // The day that was promised counts, whatever plan follows.
  await staffDo(await idOf('acme'), 'change-plan', { plan: 'business' })
  await deleted('acme', 'Ninety days')
  await staffDo(await idOf('acme'), 'change-plan', { plan: 'standard' })
  // As a release leaves it that notes no day.
  const old = await deleted('acme', 'Of an older release')
  await rowsOf(cellUrl, 'update pool.projects set purge_after = null, deleted_by = null where id = $1', [old])
  const held = await deleted('acme', 'Held fast')
  const cellAsSuperuser = superuserUrl.replace(/\/[^/]*$/, new URL(cellUrl).pathname)
  await rowsOf(
    cellAsSuperuser,
    `create table pool.hooks (tenant_id uuid, id uuid, foreign key (tenant_id, id) references pool.projects (tenant_id, id))`,
  )
  await rowsOf(cellAsSuperuser, 'insert into pool.hooks select tenant_id, id from pool.projects where id = $1', [held])
  await staffDo(await idOf('read-only'), 'suspend', { mode: 'read_only' })

  const second = new Installation({
    product,
    databases: settings,
    identity: new BetterAuthProvider(new PasswordHashing()),
    mailer: atlas.inbox,
    publicUrl: atlas.url,
    log: atlas.log,
    now: () => new Date(Date.now() + atlas.clock.aheadMs),
  })
  second.relay.start()
  try {
    await nightAfter(29)
    assert.deepEqual(await trash('acme'), ['Held fast', 'Ninety days', 'Of an older release', 'Thirty days'])
    await nightAfter(31)
  } finally {
    await second.close()
  }

  assert.deepEqual(await trash('acme'), ['Held fast', 'Ninety days'])
  assert.deepEqual(await trash('in-bridge'), [])
  for (const tenant of ['globex', 'read-only']) assert.deepEqual(await trash(tenant), ['Stays'])
  assert.ok(atlas.log.lines.some(({ fields }) => fields['alert'] === true && fields['id'] === held))
  const left = await rowsOf(cellUrl, 'select from pool.tasks where project_id = any($1)', [[gone[0], old]])
  assert.equal(left.length, 0)
  for (const [tenant, id] of [
    ['acme', gone[0]],
    ['acme', old],
    ['in-bridge', gone[1]],
  ] as const) {
    const query = `/audit-events?resourceId=${id}&event=project.purged`
    const { items } = await ask<{ items: { actor: { kind: string }; operation: string }[] }>(tenant, 'GET', query)
    assert.deepEqual(
      items.map(({ actor, operation }) => [actor.kind, operation]),
      [['system', 'projects.purge']],
    )
  }

  await rowsOf(cellAsSuperuser, 'drop table pool.hooks')
  await nightAfter(32)
  assert.deepEqual(await trash('acme'), ['Ninety days'])
})
