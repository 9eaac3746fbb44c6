import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { RedisRateStore } from '../../platform/src/adapters/redis/redis-rate-store.ts'
import { TestInstallation } from '../installation.ts'
import { keepRateStoreContract, testWindowMs } from '../rate/rate-store-contract.ts'
import { until } from '../until.ts'
import { RedisServer, withoutRedis } from './redis.ts'

describe('rate limits counted in Redis', { skip: withoutRedis }, () => {
  keepRateStoreContract(async () => {
    const server = await RedisServer.start()
    const here = new RedisRateStore(server.url, testWindowMs)
    const there = new RedisRateStore(server.url, testWindowMs)
    const close = async () => {
      await Promise.all([here.close(), there.close()])
      await server.stop()
    }
    return { here, there, close }
  })
})

describe('a Redis that is lost while requests come', { skip: withoutRedis }, () => {
  const asking = { as: 'owner@acme.test', tenant: 'acme' }
  let server: RedisServer
  let atlas: TestInstallation
  before(async () => {
    server = await RedisServer.start()
    const limits = { read: 200, write: 200, heavy: 12 }
    atlas = await TestInstallation.start({ limits, rateStore: new RedisRateStore(server.url) })
  })
  after(async () => {
    await atlas.stop()
    await server.stop()
  })

  const statusOf = async (path: string) => (await atlas.request('GET', `/api/v1${path}`, asking)).status
  const said = (message: string) => atlas.log.lines.some((line) => line.message === message)
  const isBack = async () => {
    await statusOf('/projects')
    return said('the store of rate limits is back')
  }

  test('fails no request, and lets through half of what is heavy', async () => {
    assert.equal(await statusOf('/projects'), 200)
    await server.kill()
    assert.equal(await statusOf('/projects'), 200)
    assert.ok(said('the store of rate limits is lost'))
    // One user has half of 12, and without the store half of that.
    const heavy = []
    for (let nth = 0; nth < 4; nth++) heavy.push(await statusOf('/audit-events'))
    assert.deepEqual(heavy, [200, 200, 200, 429])
  })

  test('counts together again once it is back', async () => {
    await server.run()
    await until('the store is back', isBack)
    assert.equal(await statusOf('/audit-events'), 200)
  })

  test('that accepts requests and answers none holds up one of them, for a second', async () => {
    server.pause()
    const times: number[] = []
    for (let nth = 0; nth < 10; nth++) {
      const beganAtMs = performance.now()
      assert.equal(await statusOf('/projects'), 200)
      times.push(performance.now() - beganAtMs)
    }
    server.resume()
    assert.equal(times.filter((ms) => ms > 500).length, 1, times.map(Math.round).join(' '))
  })
})
