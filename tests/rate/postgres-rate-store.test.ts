import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { PostgresRateStore } from '../../platform/src/modules/usage/postgres-rate-store.ts'
import { rowsOf, type TestDatabases, testDatabases } from '../database.ts'
import { keepRateStoreContract, testWindowMs } from './rate-store-contract.ts'

let databases: TestDatabases
before(async () => {
  databases = await testDatabases()
})
after(() => databases.drop())

describe('rate limits counted in PostgreSQL', () => {
  keepRateStoreContract(async () => {
    const processes = [new Databases(databases.settings), new Databases(databases.settings)] as const
    const [here, there] = processes.map(({ control }) => new PostgresRateStore(control, testWindowMs))
    if (!here || !there) throw new Error('there are two')
    return { here, there, close: async () => void (await Promise.all(processes.map((each) => each.end()))) }
  })

  test('windows that are past are deleted, and no other', async () => {
    const process = new Databases(databases.settings)
    const store = new PostgresRateStore(process.control, testWindowMs)
    const [past, used] = [newId(), newId()]
    await store.take([{ window: past, wanted: 1, limit: 10 }])
    await wait(testWindowMs + 50)
    await store.take([{ window: used, wanted: 1, limit: 10 }])
    await store.sweep()
    const rows = await rowsOf(databases.controlUrl, 'select name from control.rate_windows where name = any ($1)', [
      [past, used],
    ])
    assert.deepEqual(rows, [{ name: used }])
    await process.end()
  })

  test('a clock that went back keeps what is counted for one window from then on, and locks nobody out', async () => {
    const process = new Databases(databases.settings)
    const store = new PostgresRateStore(process.control, testWindowMs)
    const window = newId()
    await store.take([{ window, wanted: 10, limit: 10 }])
    await rowsOf(databases.controlUrl, 'update control.rate_windows set slice = slice + 1000000 where name = $1', [
      window,
    ])
    const [before] = await store.take([{ window, wanted: 1, limit: 10 }])
    assert.deepEqual([before?.granted, before?.used], [0, 10])
    await wait(testWindowMs + 50)
    const [after] = await store.take([{ window, wanted: 1, limit: 10 }])
    assert.equal(after?.granted, 1)
    await process.end()
  })
})
