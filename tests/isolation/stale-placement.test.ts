import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Installation } from '../../platform/src/installation.ts'
import type { Actor } from '../../platform/src/kernel/context.ts'
import { failureOf } from '../../platform/src/kernel/errors/problem.ts'
import { requireOperation } from '../../platform/src/kernel/operation.ts'
import { BetterAuthProvider } from '../../platform/src/modules/identity/better-auth.ts'
import { PasswordHashing } from '../../platform/src/modules/identity/password-hashing.ts'
import product from '../../product/app.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'

/** Another process still knows a tenant where it was: it is told so, reads nothing that is not the tenant's, and looks again. */

const staff = { as: 'staff@tenantry.test' }
let atlas: TestInstallation
let another: Installation
let actor: Actor
before(async () => {
  atlas = await TestInstallation.start({ silos: true })
  const { databases, inbox, log } = atlas
  const identity = new BetterAuthProvider(new PasswordHashing())
  const parts = { product, identity, mailer: inbox, publicUrl: 'http://127.0.0.1', log }
  another = new Installation({ ...parts, databases: databases.settings })
  const { id, name, email } = await atlas.ask<{ id: string; name: string; email: string }>('GET', '/api/v1/me', {
    as: 'owner@acme.test',
  })
  actor = { kind: 'person', id, name, email }
})
after(async () => {
  await another.close()
  await atlas.stop()
})

/** What the other process answers to a read of projects: their names, or the code of its refusal. */
async function answerTo(tenant: string): Promise<readonly string[] | string> {
  const list = requireOperation(another.operations, 'projects.list')
  const answer = another.call(list, actor, { limit: 100, sort: 'name', deleted: false }, { tenant })
  return answer.then(
    (output) => (output as { items: { name: string }[] }).items.map(({ name }) => name),
    // As every surface answers it: a connection may be ended in the middle of a statement.
    (error: unknown) => failureOf(error).kind.code,
  )
}

async function purge(slug: string): Promise<void> {
  const [row] = await rowsOf(atlas.databases.controlUrl, 'select id from control.tenants where slug = $1', [slug])
  const body = { slug, reason: 'A test' }
  const path = `/api/v1/staff/tenants/${String(row?.['id'])}`
  await atlas.ask('POST', `${path}/cancel`, { ...staff, body })
  await rowsOf(atlas.databases.controlUrl, 'update control.tenants set purge_after = now() where id = $1', [
    row?.['id'],
  ])
  await atlas.ask('POST', `${path}/purge`, { ...staff, body })
  const erased = 'select from control.tenants where id = $1 and erased_at is not null'
  for (let tries = 0; (await rowsOf(atlas.databases.controlUrl, erased, [row?.['id']])).length === 0; tries++) {
    assert.ok(tries < 1_500, 'its place is dropped')
    await wait(10)
  }
}

describe('a process that does not know yet that a place is gone', () => {
  for (const model of ['bridge', 'silo'] as const) {
    test(`refuses in a clear way, then says that there is no such tenant: ${model}`, async () => {
      await atlas.foundTenant(`gone-${model}`, { model })
      const body = { name: 'Here' }
      await atlas.ask('POST', '/api/v1/projects', { as: 'owner@acme.test', tenant: `gone-${model}`, body })
      assert.deepEqual(await answerTo(`gone-${model}`), ['Here'])
      // It remembers what it was told for a second: the place must be dropped within that.
      const asking = setInterval(() => void answerTo(`gone-${model}`).catch(() => {}), 100)
      await purge(`gone-${model}`).finally(() => clearInterval(asking))
      const answers = new Set<unknown>()
      for (let tries = 0; tries < 15; tries++) {
        answers.add(await answerTo(`gone-${model}`))
        await wait(100)
      }
      const allowed = ['tenant.unreachable', 'platform.unavailable', 'tenant.cancelled', 'tenant.not_found']
      for (const answer of answers) assert.ok(allowed.includes(String(answer)), String(answer))
      assert.equal(await answerTo(`gone-${model}`), 'tenant.not_found')
    })
  }

  test('serves from the new place within a second after the directory names it', async () => {
    await atlas.foundTenant('moves', { model: 'bridge' })
    await atlas.foundTenant('stays', { model: 'bridge' })
    for (const tenant of ['moves', 'stays']) {
      const body = { name: `Canary of ${tenant}` }
      await atlas.ask('POST', '/api/v1/projects', { as: 'owner@acme.test', tenant, body })
    }
    assert.deepEqual(await answerTo('moves'), ['Canary of moves'])
    await moveToPool('moves')
    const seen = new Set<string>()
    for (let tries = 0; tries < 15; tries++) {
      seen.add(JSON.stringify(await answerTo('moves')))
      await wait(100)
    }
    assert.deepEqual([...seen].at(-1), '["Canary of moves, in the pool"]')
    assert.ok(seen.size <= 2, [...seen].join(' '))
    assert.deepEqual(await answerTo('stays'), ['Canary of stays'])
  })
})

/** As an operator who knows what they do: the rows are copied, then the directory is changed. */
async function moveToPool(slug: string): Promise<void> {
  const { controlUrl, cellUrl } = atlas.databases
  const tenant = await atlas.installation.gates.tenantOf(slug)
  assert.ok(tenant)
  const schema = `t_${tenant.id.replaceAll('-', '')}`
  const tables = await rowsOf(
    cellUrl,
    'select relname as name from pg_class where relnamespace = $1::regnamespace and relkind = $2',
    [schema, 'r'],
  )
  const copies = tables.map(async ({ name }) => {
    const columns = await rowsOf(
      cellUrl,
      "select string_agg(quote_ident(attname), ', ') as names from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''",
      [`${schema}.${String(name)}`],
    )
    const names = String(columns[0]?.['names'])
    return `insert into pool.${String(name)} (${names}) select ${names} from ${schema}.${String(name)}`
  })
  const statements = ['set session_replication_role = replica', ...(await Promise.all(copies))]
  await rowsOf(cellUrl, statements.join('; '))
  const renamed = "update pool.projects set name = name || ', in the pool' where tenant_id = $1"
  await rowsOf(cellUrl, renamed, [tenant.id])
  const moved = "update control.tenants set model = 'pool', placement_version = placement_version + 1 where id = $1"
  await rowsOf(controlUrl, moved, [tenant.id])
}
