import fastJsonStringify from 'fast-json-stringify'
import type { z } from '../schema.ts'
import { type JsonSchema, jsonSchema } from '../validation.ts'

/** Writes what an operation answers as JSON: the fields of its wire type and no others. */
export function serializerOf(output: z.ZodType): (output: unknown) => string {
  return fastJsonStringify(withNullable(jsonSchema(output, 'output')))
}

/**
 * `anyOf` a type and null becomes that type and `nullable`: to choose a branch the serializer would hold each value against
 * the patterns of all, which is two fifths of the time that a list takes. Not where ajv, which decides between the branches
 * that are left, has another opinion of `nullable`: it wants a `type` beside it, and finds null in no `enum` or `const`.
 */
function withNullable(schema: JsonSchema): JsonSchema {
  const { anyOf, ...rest } = schema
  if (Array.isArray(anyOf) && anyOf.length === 2 && anyOf[1].type === 'null' && mayBeNullable(anyOf[0]))
    return { ...withNullable({ ...anyOf[0], ...rest }), nullable: true }
  return Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, withNullableWithin(value)]))
}

function mayBeNullable(type: JsonSchema): boolean {
  return 'type' in type && !('enum' in type) && !('const' in type)
}

function withNullableWithin(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNullableWithin)
  return typeof value === 'object' && value !== null ? withNullable(value as JsonSchema) : value
}
