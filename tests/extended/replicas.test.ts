import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { demoPassword } from '../../platform/src/demo-people.ts'
import { rowsOf } from '../database.ts'
import { type Reply, TestInstallation } from '../installation.ts'
import { Standby } from './standby.ts'

/** Reads from a replica that lags: everybody sees at least what they wrote themselves, and no other tenant. */

const owner = 'owner@acme.test'
let atlas: TestInstallation
let standby: Standby
let key: string
before(async () => {
  atlas = await TestInstallation.start({
    async reach({ settings, superuserUrl }) {
      standby = await Standby.of(superuserUrl)
      const [main] = settings.cells
      return { ...settings, cells: [{ ...main, replicaUrl: standby.on(main.servingUrl) }] }
    },
  })
  await atlas.foundTenant('bridge', { model: 'bridge' })
  const scopes = ['project:read', 'project:create']
  key = (
    await atlas.ask<{ key: string }>('POST', '/api/v1/keys', { as: owner, tenant: 'acme', body: { name: 'K', scopes } })
  ).key
})
after(async () => {
  // Before the server that it follows.
  await standby.stop()
  await atlas.stop()
})

/** Until the replica has everything, and this process knows that it has. */
async function caughtUp(): Promise<void> {
  await standby.caughtUp()
  await wait(600)
}

const mayLag = { 'tenantry-read-after': 'none' }

async function namesSeen(asking: Parameters<TestInstallation['request']>[2]): Promise<string[]> {
  const path = '/api/v1/projects?limit=100'
  const { items } = await atlas.ask<{ items: { name: string }[] }>('GET', path, { tenant: 'acme', ...asking })
  return items.map(({ name }) => name)
}

const create = (name: string, asking: Parameters<TestInstallation['request']>[2]): Promise<Reply> =>
  atlas.request('POST', '/api/v1/projects', { tenant: 'acme', body: { name }, ...asking })

test('who says that they have written nothing is served by the replica: what it has not got yet they do not see', async () => {
  await namesSeen({ as: key, headers: mayLag })
  await caughtUp()
  await standby.pause()
  try {
    const { status } = await create('Not there yet', { as: key })
    assert.equal(status, 201)
    assert.ok(!(await namesSeen({ as: key, headers: mayLag })).includes('Not there yet'))
    assert.ok((await namesSeen({ as: key })).includes('Not there yet'), 'who says nothing reads from the primary')
  } finally {
    await standby.resume()
  }
  await caughtUp()
  assert.ok((await namesSeen({ as: key, headers: mayLag })).includes('Not there yet'))
})

test('a program that hands on what its write answered sees it at once', async () => {
  await standby.pause()
  try {
    const reply = await create('By a program', { as: key, headers: mayLag })
    const written = reply.headers.get('tenantry-written') ?? ''
    assert.match(written, /^main:[0-9A-F]+\/[0-9A-F]+$/)
    assert.ok((await namesSeen({ as: key, headers: { 'tenantry-read-after': written } })).includes('By a program'))
  } finally {
    await standby.resume()
  }
})

/** A browser: it keeps cookies, and sends them all. */
class Browser {
  readonly #cookies = new Map<string, string>()

  async request(method: string, path: string, body?: object): Promise<Reply> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const reply = await atlas.request(method, path, { tenant: 'acme', body, headers: { cookie } })
    for (const each of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(each) ?? []
      this.#cookies.set(name, value)
    }
    return reply
  }

  async sees(name: string): Promise<boolean> {
    const { body } = await this.request('GET', '/api/v1/projects?limit=100')
    return (body as { items: { name: string }[] }).items.some((item) => item.name === name)
  }
}

async function browserOf(email: string): Promise<Browser> {
  const browser = new Browser()
  await browser.request('POST', '/api/v1/sessions', { email, password: demoPassword })
  return browser
}

test('in browsers who wrote sees it at once, and who did not sees it once the replica has it', async () => {
  const [writer, reader] = [await browserOf(owner), await browserOf('member@acme.test')]
  assert.ok(!(await reader.sees('In a browser')))
  await caughtUp()
  await standby.pause()
  try {
    assert.equal((await writer.request('POST', '/api/v1/projects', { name: 'In a browser' })).status, 201)
    assert.ok(await writer.sees('In a browser'))
    assert.ok(!(await reader.sees('In a browser')))
  } finally {
    await standby.resume()
  }
  await caughtUp()
  assert.ok(await reader.sees('In a browser'))
  assert.ok(await writer.sees('In a browser'))
})

test('a replica that lags for more than five seconds is read from by nobody', async () => {
  await standby.pause()
  try {
    await create('After a while', { as: key })
    await wait(6_000)
    assert.ok((await namesSeen({ as: key, headers: mayLag })).includes('After a while'))
  } finally {
    await standby.resume()
  }
})

test('on the replica each tenant sees its own rows alone, in a schema of its own, too', async () => {
  await atlas.ask('POST', '/api/v1/projects', { as: owner, tenant: 'bridge', body: { name: 'Canary of bridge' } })
  await caughtUp()
  for (let round = 0; round < 20; round++) {
    const bridge = namesSeen({ as: owner, tenant: 'bridge', headers: mayLag })
    const globex = namesSeen({ as: 'owner@globex.test', tenant: 'globex', headers: mayLag })
    assert.deepEqual([await bridge, await globex], [['Canary of bridge'], []])
  }
})

test('what the replica cannot answer yet, such as reads in a schema that is new, the primary does', async () => {
  await namesSeen({ as: key, headers: mayLag })
  await caughtUp()
  await standby.pause()
  try {
    await atlas.foundTenant('just-made', { model: 'bridge' })
    await atlas.ask('POST', '/api/v1/projects', { as: owner, tenant: 'just-made', body: { name: 'First' } })
    assert.deepEqual(await namesSeen({ as: owner, tenant: 'just-made', headers: mayLag }), ['First'])
  } finally {
    await standby.resume()
  }
  await caughtUp()
  await namesSeen({ as: key, headers: mayLag })
})

test('while the replica is gone every read is answered by the primary, and afterwards it is used again', async () => {
  await caughtUp()
  const gone = 'select pg_terminate_backend(pid) from pg_stat_activity where usename = $1'
  for (let round = 0; round < 10; round++) {
    await rowsOf(standby.superuserUrl, gone, ['tenantry_serving'])
    const [one, two] = await Promise.all([1, 2].map(() => namesSeen({ as: key, headers: mayLag })))
    assert.ok(one?.includes('By a program') && two?.includes('By a program'))
  }
})
