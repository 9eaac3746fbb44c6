import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Fuzzer } from '../contract/fuzz.ts'
import { TestInstallation } from '../installation.ts'

/** Thousands of requests at random, as tests/contract/fuzz.test.ts sends hundreds. TENANTRY_TEST_SEED makes the same again. */

const requestsEach = 30

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start({ silos: true })
})
after(() => atlas.stop())

test('in thousands of requests, whatever comes in, every operation answers as its contract says, and the log stays JSON', async (t) => {
  const seed = Number(process.env['TENANTRY_TEST_SEED'] ?? Date.now() % 2 ** 31)
  t.diagnostic(`TENANTRY_TEST_SEED=${seed}`)
  const { operations } = atlas.installation
  const fuzzer = new Fuzzer(atlas)
  await fuzzer.run(operations, seed, requestsEach)
  await fuzzer.assertLog()
  assert.equal(fuzzer.sent, operations.length * requestsEach)
})
