import { after, describe } from 'node:test'
import { attackUnder } from '../isolation/attacks.ts'
import { PgBouncer, withoutPgBouncer } from './pgbouncer.ts'

describe('attacks behind PgBouncer, over two connections', { skip: withoutPgBouncer }, () => {
  let pooler: PgBouncer
  attackUnder('bridge', async ({ settings, superuserUrl }) => {
    pooler = await PgBouncer.start(superuserUrl, 2)
    return pooler.before(settings)
  })
  after(() => pooler.stop())
})
