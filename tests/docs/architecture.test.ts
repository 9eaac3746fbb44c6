import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Database } from '../../platform/src/kernel/database/database.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'
import { page, rowsIn } from './markdown.ts'

/** The round trips to PostgreSQL that ARCHITECTURE.md promises for a request. */

let atlas: TestInstallation
let key: string
/** Batches of statements that were sent and answered, by whomever but the relay. */
let roundTrips = 0
before(async () => {
  atlas = await TestInstallation.start()
  const { cells, control, directory, identity } = atlas.installation.databases
  for (const database of [cells[0].serving, control, directory, identity]) countOn(database)
  const created = await atlas.ask<{ key: string }>('POST', '/api/v1/keys', {
    as: 'owner@acme.test',
    tenant: 'acme',
    body: { name: 'Counter', scopes: ['project:read', 'project:create', 'project:update'] },
  })
  key = created.key
})
after(() => atlas.stop())

/** A batch is one write to the socket and one Sync: see batch.ts. */
function countOn(database: Database): void {
  const connect = database.connect.bind(database)
  database.connect = async () => {
    const connection = await connect()
    return {
      release: (broken) => connection.release(broken),
      send: (statements) => {
        roundTrips += 1
        return connection.send(statements)
      },
    }
  }
}

async function roundTripsOf(request: () => Promise<unknown>): Promise<number> {
  const before = roundTrips
  await request()
  return roundTrips - before
}

const promised = new Map(
  rowsIn(page('ARCHITECTURE.md'))
    .filter((row) => /^\d$/.test(row.at(-1) ?? ''))
    .map((row) => [row[0], Number(row.at(-1))]),
)

test('a request takes as many round trips as ARCHITECTURE.md says', async () => {
  const asking = { as: key }
  const { id } = await atlas.ask<{ id: string }>('POST', '/api/v1/projects', { ...asking, body: { name: 'Counted' } })
  await until('the first use of the key is noted, which happens beside the request', async () => {
    const { items } = await atlas.ask<{ items: { name: string; lastUsedAt: string | null }[] }>('GET', '/api/v1/keys', {
      as: 'owner@acme.test',
      tenant: 'acme',
    })
    return items.some(({ name, lastUsedAt }) => name === 'Counter' && lastUsedAt !== null)
  })
  const requests: Record<string, () => Promise<unknown>> = {
    'read a record': () => atlas.ask('GET', `/api/v1/projects/${id}`, asking),
    'read a page of a list': () => atlas.ask('GET', '/api/v1/projects', asking),
    'create a record': () => atlas.ask('POST', '/api/v1/projects', { ...asking, body: { name: 'Counted, too' } }),
    'change a record': () => atlas.ask('PATCH', `/api/v1/projects/${id}`, { ...asking, body: { name: 'Changed' } }),
  }
  for (const [name, request] of Object.entries(requests)) {
    await atlas.ask('GET', `/api/v1/projects/${id}`, asking)
    assert.equal(await roundTripsOf(request), promised.get(name), name)
  }
})

test('the first request of a second pays for its answers: who asks, where, and what they may do', async () => {
  for (const [name, asking] of [
    ['more for a key, when nothing is remembered', { as: key }],
    ['more for a person, when nothing is remembered', { as: 'member@acme.test', tenant: 'acme' }],
  ] as const) {
    const read = () => atlas.ask('GET', '/api/v1/projects', asking)
    await read()
    const remembered = await roundTripsOf(read)
    atlas.installation.gates.forget()
    assert.equal((await roundTripsOf(read)) - remembered, promised.get(name), name)
  }
})
