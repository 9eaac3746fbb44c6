import { after, describe } from 'node:test'
import { TestInstallation } from '../installation.ts'
import { tellStory } from '../story.ts'
import { PgBouncer, withoutPgBouncer } from './pgbouncer.ts'

describe('the story behind PgBouncer, over two connections', { skip: withoutPgBouncer }, () => {
  let pooler: PgBouncer
  tellStory(() =>
    TestInstallation.start({
      async reach({ settings, superuserUrl }) {
        pooler = await PgBouncer.start(superuserUrl, 2)
        return pooler.before(settings)
      },
    }),
  )
  after(() => pooler.stop())
})
