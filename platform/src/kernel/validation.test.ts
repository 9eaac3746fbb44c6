import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Failure } from './errors/failure.ts'
import { operation } from './operation.ts'
import { id, instant, line, z } from './schema.ts'
import { fieldFailuresMax, validate } from './validation.ts'

/** What a caller is told of fields that are wrong: each once, and of a union only what was meant. */

const things = operation({
  name: 'things.create',
  summary: 'Create a thing',
  http: 'POST /things',
  input: {
    name: line({ max: 10 }).optional(),
    owner: id().optional(),
    until: instant().nullable().optional(),
    days: z.number().int().min(90).nullable().optional(),
    value: z.union([z.string().max(5), z.number().min(1)]).optional(),
    scope: z
      .union([
        z.strictObject({ kind: z.literal('tenant') }),
        z.strictObject({ kind: z.literal('team'), id: id() }),
        z.strictObject({ kind: z.literal('record'), resource: z.string().max(5), id: id() }),
      ])
      .optional(),
    lines: z
      .array(z.union([z.strictObject({ network: z.string() }), z.strictObject({ actor: z.string() })]))
      .nullable()
      .optional(),
  },
  permission: 'public',
  run: async () => undefined,
})

function toldOf(input: object): string[] {
  try {
    validate(things, input)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return (error.errors ?? []).map(({ pointer, code, detail }) => `${pointer} ${code}: ${detail}`)
  }
  return []
}

describe('a caller is told', () => {
  test('once that a text is empty, and of ids and instants what they look like', () => {
    assert.deepEqual(toldOf({ name: '' }), ['#/name required: This must not be empty.'])
    assert.match(toldOf({ owner: 'me' }).join(), /^#\/owner format: .*UUID in lower case/)
    assert.match(toldOf({ until: '2027-01-01T00:00:00Z' }).join(), /^#\/until format: .*milliseconds, such as 2026-/)
    assert.match(toldOf({ until: '2027-02-30T00:00:00.000Z' }).join(), /^#\/until format: /)
  })

  test('nothing of null where something else was written', () => {
    assert.deepEqual(toldOf({ days: 89 }), ['#/days too_small: At least 90.'])
    assert.deepEqual(toldOf({ days: 'x' }), ['#/days type: This must be of type integer.'])
    assert.deepEqual(toldOf({ days: null, until: null, lines: null }), [])
  })

  test('which types or kinds there are, and of the kind that was named what is wrong', () => {
    assert.deepEqual(toldOf({ value: {} }), ['#/value type: This must be of type string or number.'])
    assert.deepEqual(toldOf({ scope: { kind: 'planet' } }), ['#/scope/kind choice: One of: tenant, team, record.'])
    assert.deepEqual(toldOf({ scope: {} }), ['#/scope/kind required: This is needed.'])
    assert.deepEqual(toldOf({ scope: { kind: 'team' } }), ['#/scope/id required: This is needed.'])
    assert.deepEqual(toldOf({ scope: { kind: 'tenant', id: 1 } }), ['#/scope/id unknown: There is no such field.'])
  })

  test('of the first among very many, without weighing them all', () => {
    const many = Array.from({ length: 100_000 }, () => ({}))
    assert.equal(toldOf({ lines: many }).length, fieldFailuresMax)
  })

  test('of each entry of a list by itself', () => {
    assert.deepEqual(toldOf({ lines: [{ network: 1 }, { actor: 'x' }, { actor: 1 }] }), [
      '#/lines/0/network type: This must be of type string.',
      '#/lines/2/actor type: This must be of type string.',
    ])
  })
})
