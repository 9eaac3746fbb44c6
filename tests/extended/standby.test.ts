import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { rowsOf, type TestDatabases, testDatabases } from '../database.ts'
import { Standby } from './standby.ts'

/** The standby that tests of read replicas stand on. */

let databases: TestDatabases
let standby: Standby
before(async () => {
  databases = await testDatabases()
  await rowsOf(databases.cellUrl, 'create table notes (text text)')
  standby = await Standby.of(databases.superuserUrl)
})
after(async () => {
  await standby.stop()
  await databases.drop()
})

const write = (text: string) => rowsOf(databases.cellUrl, 'insert into notes values ($1)', [text])
const read = async () => (await rowsOf(standby.on(databases.cellUrl), 'select text from notes')).map(({ text }) => text)

test('what is written on one server can be read on the other, and nothing can be written there', async () => {
  await write('first')
  await standby.caughtUp()
  assert.deepEqual(await read(), ['first'])
  await assert.rejects(rowsOf(standby.on(databases.cellUrl), "insert into notes values ('x')"), { code: '25006' })
})

test('it can be held back, and catches up', async () => {
  await standby.pause()
  await write('second')
  await wait(500)
  assert.deepEqual(await read(), ['first'])
  await standby.resume()
  await standby.caughtUp()
  assert.deepEqual(await read(), ['first', 'second'])
})
