import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Connection, Database, type DatabaseSettings } from '../../platform/src/kernel/database/database.ts'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { urlFor } from '../../platform/src/kernel/database/roles.ts'
import { Silos } from '../../platform/src/kernel/database/silos.ts'
import { sql, statementOf } from '../../platform/src/kernel/database/statement.ts'
import { rowsOf, type TestDatabases, testDatabases, testSecret } from '../database.ts'
import { until } from '../until.ts'

/** Whoever holds the target of a silo can use it, also when the silo gives up its connections in that moment. */

let databases: TestDatabases
let ours: Databases
let silos: Silos
let opened: Database[]
before(async () => {
  databases = await testDatabases()
  ours = new Databases(databases.settings)
})
after(async () => {
  await ours.end()
  await databases.drop()
})
beforeEach(() => {
  silos = new Silos()
  opened = []
})

const openAs = (role: 'tenantry_serving' | 'tenantry_relay', of: Partial<DatabaseSettings> = {}) => {
  const url = urlFor(databases.cellUrl, { role, secret: testSecret })
  const database = new Database({ name: role, url, key: ours.keyOf('cell main'), connectionsMax: 2, ...of })
  opened.push(database)
  return database
}
const target = () =>
  silos.targetOf('a silo', () => ({ serving: openAs('tenantry_serving'), relay: openAs('tenantry_relay') }))

async function answers(connecting: ReturnType<Database['connect']>): Promise<void> {
  const connection = await connecting
  const [reply] = await connection.send([statementOf(sql`select 1 as one`)])
  connection.release(false)
  assert.deepEqual(reply?.rows, [{ one: 1 }])
}

test('a request that is being handed a connection gets it, although the silo rests in that moment', async () => {
  const { database } = target()
  await answers(database.connect())
  assert.equal(database.connections.idle, 1)
  const connecting = database.connect()
  database.rest()
  await answers(connecting)
  await silos.end()
})

test('a request that had the target of a silo before it was forgotten is not refused for that', async () => {
  const { database, outbox } = target()
  await answers(database.connect())
  const connecting = database.connect()
  silos.forget('a silo')
  await answers(connecting)
  await answers(database.connect())
  await answers(outbox.database.connect())
  await Promise.all(opened.map((each) => each.end()))
})

const backend = { name: undefined, text: 'select pg_backend_pid() as pid', values: [] }
const backendOf = async (connection: Connection) => (await connection.send([backend]))[0]?.rows[0]?.['pid']

/** Of somebody who waits for a connection while `retire` makes it one that may not be handed on. */
async function assertNotHandedOn(database: Database, retire: () => unknown): Promise<void> {
  const held = await database.connect()
  const retired = await backendOf(held)
  const awaited = database.connect()
  assert.equal(database.connections.waiting, 1)
  await retire()
  held.release(false)
  const next = await awaited
  assert.notEqual(await backendOf(next), retired)
  next.release(false)
  const text = 'select from pg_stat_activity where pid = $1'
  await until('it is closed', async () => (await rowsOf(databases.superuserUrl, text, [retired])).length === 0)
  await database.end()
}

test('a connection whose pool was told to rest is closed when it comes back, and whoever waits for it gets a new one', async () => {
  const database = openAs('tenantry_serving', { connectionsMax: 1 })
  await assertNotHandedOn(database, () => database.rest())
})

test('a connection that has reached its age is closed when it comes back, and whoever waits for it gets a new one', async () => {
  const database = openAs('tenantry_serving', { connectionsMax: 1, ageMaxSeconds: 0.5 })
  await assertNotHandedOn(database, () => wait(550))
})

test('a silo that is forgotten gives up its idle connections, and is not swept any more', async () => {
  const { database } = target()
  await answers(database.connect())
  silos.forget('a silo')
  assert.deepEqual(database.connections, { open: 0, idle: 0, waiting: 0 })
  assert.deepEqual(silos.outboxesToSweep(), [])
  await Promise.all(opened.map((each) => each.end()))
})
