import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { module } from '../../platform/src/kernel/module.ts'
import { type Operation, operation } from '../../platform/src/kernel/operation.ts'
import { line, z } from '../../platform/src/kernel/schema.ts'
import { TestInstallation } from '../installation.ts'
import { Fuzzer } from './fuzz.ts'

/** Some hundred requests at random; thousands in tests/extended/fuzz.test.ts. TENANTRY_TEST_SEED makes the same again. */

const requestsEach = 4
const seed = Number(process.env['TENANTRY_TEST_SEED'] ?? Date.now() % 2 ** 31)

/** Two operations with the defects that the fuzzer is there for. */
const brittle = module({
  name: 'brittle',
  permissions: { 'brittle:read': ['owner'] },
  operations: [
    operation({
      name: 'brittle.read',
      summary: 'Stumble over what a schema lets in',
      http: 'GET /brittle',
      input: { text: line({ max: 400 }).optional() },
      output: z.object({ text: z.string() }),
      permission: 'brittle:read',
      async run(_, { text = '' }) {
        if (/[^ -~]/.test(text)) throw new Error('nobody thought of this')
        return { text }
      },
    }),
    operation({
      name: 'brittle.list',
      summary: 'Answer what the contract does not say',
      http: 'GET /brittle-list',
      output: z.object({ size: z.number().max(10) }),
      permission: 'brittle:read',
      run: async () => ({ size: 11 }),
    }),
  ],
})

let atlas: TestInstallation
let sound: Operation[]
before(async () => {
  atlas = await TestInstallation.start({ modules: [brittle], silos: true })
  sound = atlas.installation.operations.filter((each) => !brittle.operations.includes(each))
})
after(() => atlas.stop())

test('whatever comes in, every operation answers as its contract says, below 500, and the log stays JSON', async (t) => {
  t.diagnostic(`TENANTRY_TEST_SEED=${seed}`)
  const fuzzer = new Fuzzer(atlas)
  await fuzzer.run(sound, seed, requestsEach)
  await fuzzer.assertLog()
  assert.equal(fuzzer.sent, sound.length * requestsEach)
  assert.ok(fuzzer.succeeded.size > sound.length * 0.8, `${fuzzer.succeeded.size} operations succeeded`)
})

test('a handler that stumbles, and a reply that is not in the contract, are found, and the seed is named', async () => {
  const [stumbles, exceeds] = brittle.operations
  const attacked = (operation: Operation | undefined) => new Fuzzer(atlas).run(operation ? [operation] : [], seed, 200)
  const why = ({ cause }: Error) => String((cause as Error).cause)
  await assert.rejects(attacked(stumbles), (error: Error) => {
    assert.equal(error.message, `brittle.read, TENANTRY_TEST_SEED=${seed}`)
    return /500/.test(why(error))
  })
  await assert.rejects(attacked(exceeds), (error: Error) => /size must be <= 10/.test(why(error)))
})
