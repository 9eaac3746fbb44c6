import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type TestServer, testServer } from '../database.ts'
import { commitBeforeNewestMigration, PreviousRelease } from './previous-release.ts'

/** While a release is rolled out, processes of the one before it work on databases that are migrated already. */

const commit = commitBeforeNewestMigration()
const skip =
  commit === undefined && 'This folder has no history with a release before the newest migration: clone all of it.'

describe('the release before the newest migration', { skip }, () => {
  let server: TestServer
  let previous: PreviousRelease
  before(async () => {
    server = await testServer()
    previous = new PreviousRelease(commit ?? '')
  })
  after(async () => {
    previous.remove()
    await server.stop()
  })

  for (const tests of ['tests/story.test.ts', 'tests/outbox/*.test.ts', 'tests/operations/*.test.ts']) {
    test(`passes its own ${tests} on databases that this one has migrated`, async () => {
      const { passed, output } = await previous.test([tests], server.superuserUrl)
      assert.ok(passed, output)
      assert.match(output, /^# pass [1-9]/m)
    })
  }
})
