import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../platform/src/adapters/embedded-postgres/embedded-postgres.ts'
import { migrateTemplates } from '../database.ts'
import { commitBeforeNewestMigration, PreviousRelease } from './previous-release.ts'

/** While a release is rolled out, processes of the one before it work on databases that it made and this one has migrated. */

const commit = commitBeforeNewestMigration()
const skip =
  commit === undefined && 'This folder has no history with a release before the newest migration: clone all of it.'

describe('the release before the newest migration', { skip }, () => {
  let folder: string
  let server: EmbeddedPostgres
  let previous: PreviousRelease
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenantry-migrated-'))
    // As root, PostgreSQL runs under another account, which must be able to enter.
    await chmod(folder, 0o755)
    server = await startEmbeddedPostgres({ dataFolder: folder, durability: 'none' })
    previous = new PreviousRelease(commit ?? '')
    await previous.makeTemplates(server.superuserUrl)
    await migrateTemplates(server.superuserUrl)
  })
  after(async () => {
    previous.remove()
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  })

  for (const tests of ['tests/story.test.ts', 'tests/outbox/*.test.ts', 'tests/operations/*.test.ts']) {
    test(`passes its own ${tests} on databases that this one has migrated`, async () => {
      const { passed, output } = await previous.test(tests, server.superuserUrl)
      assert.ok(passed, output)
      assert.match(output, /^# pass [1-9]/m)
    })
  }
})
