import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Operation } from '../../platform/src/kernel/operation.ts'
import { type JsonSchema, jsonSchema } from '../../platform/src/kernel/validation.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import product from '../../product/app.ts'
import { page, rowsIn } from '../docs/markdown.ts'

/** Who takes much away, or is shown a secret, is on record: found by what operations answer, not by a list of ours. */

const operations = [...platformModules, ...product.modules].flatMap((module) => module.operations)
const secretFields = /^(secret|recoveryCodes|password|token|privateKey)$|^(api)?key$/i
/** A flag, a plan or an item of a list has a key, too: a name that is no secret, and has at most so many characters. */
const nameLengthMax = 100

/** Names of fields in which an answer shows a secret. */
function secretsIn(schema: JsonSchema): string[] {
  const {
    properties = {},
    items,
    anyOf = [],
  } = schema as {
    properties?: Record<string, JsonSchema>
    items?: JsonSchema
    anyOf?: JsonSchema[]
  }
  const within = [...Object.values(properties), ...(items ? [items] : []), ...anyOf].flatMap(secretsIn)
  const own = Object.entries(properties).filter(([name, each]) => {
    if (!secretFields.test(name)) return false
    return !/key$/i.test(name) || Number(each['maxLength']) > nameLengthMax
  })
  return [...own.map(([name]) => name), ...within]
}

const takesMuch = ({ priority, list }: Operation) => priority === 'export' && !list
const showsSecret = ({ output }: Operation) =>
  output !== undefined && secretsIn(jsonSchema(output, 'output')).length > 0

const sensitive = operations.filter((each) => takesMuch(each) || showsSecret(each))

test('every operation that takes much away or shows a secret is on record', () => {
  assert.ok(sensitive.length >= 8)
  assert.deepEqual(
    sensitive.filter(({ emits }) => emits.length === 0).map(({ name }) => name),
    [],
  )
})

test('docs/audit.md names all of them, and no other', () => {
  const named = rowsIn(page('docs/audit.md'))
    .filter((row) => row.length === 3)
    .flatMap(([operation = '']) => [...operation.matchAll(/`(\w+\.\w+)`/g)].map(([, name = '']) => name))
  assert.deepEqual(named.toSorted(), sensitive.map(({ name }) => name).toSorted())
})

test('a secret in a list, or in one of several forms of an answer, is found', () => {
  const secret = { type: 'string', maxLength: 120 }
  const nested = { properties: { items: { items: { anyOf: [{ properties: { key: secret } }, { type: 'null' }] } } } }
  assert.deepEqual(secretsIn(nested), ['key'])
  assert.deepEqual(secretsIn({ properties: { key: { type: 'string', maxLength: 40 } } }), [])
})
