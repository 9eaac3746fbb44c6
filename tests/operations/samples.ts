import { newId } from '../../platform/src/kernel/id.ts'
import type { Operation } from '../../platform/src/kernel/operation.ts'
import { addressOf, placeOf } from '../../platform/src/kernel/operation.ts'
import { type JsonSchema, jsonSchema } from '../../platform/src/kernel/validation.ts'

export interface Field {
  readonly name: string
  readonly place: 'path' | 'query' | 'body'
  readonly required: boolean
  readonly schema: JsonSchema
}

/** The fields of an operation's input, as its contract has them. */
export function fieldsOf(operation: Operation): Field[] {
  const { properties = {}, required = [] } = jsonSchema(operation.input, 'input') as {
    properties?: Record<string, JsonSchema>
    required?: string[]
  }
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    place: placeOf(operation, name),
    required: required.includes(name),
    schema,
  }))
}

/** A value that a schema accepts. */
export function valueFor(schema: JsonSchema): unknown {
  if (Array.isArray(schema['anyOf'])) return valueFor((schema['anyOf'] as JsonSchema[])[0] as JsonSchema)
  if ('const' in schema) return schema['const']
  if (schema['type'] === 'object') return objectFor(schema)
  if (Array.isArray(schema['enum'])) return schema['enum'][0]
  switch (schema['type']) {
    case 'integer':
    case 'number':
      return schema['minimum'] ?? 1
    case 'boolean':
      return false
    case 'array':
      return [valueFor(schema['items'] as JsonSchema)]
    default:
      return textFor(schema)
  }
}

function objectFor({
  properties = {},
  required = [],
}: {
  properties?: Record<string, JsonSchema>
  required?: string[]
}) {
  return Object.fromEntries(required.map((name) => [name, valueFor(properties[name] ?? {})]))
}

function textFor({ format, pattern, minLength = 0 }: JsonSchema): string {
  if (format === 'uuid') return newId()
  if (format === 'date') return '2026-11-21'
  if (format === 'date-time') return '2030-01-01T00:00:00.000Z'
  if (format === 'email') return `${newId()}@example.test`
  if (pattern === '^[a-z0-9]+(?:-[a-z0-9]+)*$') return `s${newId().replaceAll('-', '').slice(-12)}`
  if (pattern === '^[a-zA-Z]+:[a-zA-Z]+$') return 'project:read'
  if (String(pattern).startsWith('^https?:')) return 'https://collector.example.com/in'
  if (pattern === '^[a-z][a-zA-Z]*\\.[a-z][a-zA-Z]*$') return 'projects.board'
  return 'A fitting text'.padEnd(Number(minLength), '.')
}

/** Method, path and body of a call with this input. */
export function requestFor(
  operation: Operation,
  input: Record<string, unknown>,
): { method: string; path: string; body?: Record<string, unknown> } {
  const inPlace = (place: string) => Object.entries(input).filter(([name]) => placeOf(operation, name) === place)
  const filled = addressOf(operation).replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent((input[name] as string | undefined) ?? newId()),
  )
  const query = new URLSearchParams(inPlace('query').map(([name, value]) => [name, String(value)]))
  const path = `${filled}${query.size > 0 ? `?${query}` : ''}`
  const body = Object.fromEntries(inPlace('body'))
  return {
    method: operation.method,
    path,
    ...(operation.method === 'GET' || operation.method === 'DELETE' ? {} : { body }),
  }
}

/** Every field that must be there, and no other. */
export function smallestInput(operation: Operation): Record<string, unknown> {
  return Object.fromEntries(
    fieldsOf(operation)
      .filter(({ required }) => required)
      .map(({ name, schema }) => [name, valueFor(schema)]),
  )
}
