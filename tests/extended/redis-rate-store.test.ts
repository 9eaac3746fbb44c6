import { describe } from 'node:test'
import { RedisRateStore } from '../../platform/src/adapters/redis/redis-rate-store.ts'
import { keepRateStoreContract, testWindowMs } from '../rate/rate-store-contract.ts'
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
