import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { Failure, type FieldFailure } from './errors/failure.ts'
import { invalid } from './errors/platform-failures.ts'
import { type Operation, placeOf } from './operation.ts'
import { z } from './schema.ts'

export type JsonSchema = Record<string, unknown>

/** JSON Schema 2020-12 of a wire type, as callers see it before defaults (`input`) or as replies have it (`output`). */
export function jsonSchema(schema: z.ZodType, side: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: side, unrepresentable: 'throw' })
  return rest
}

const ajv = new Ajv2020({
  allErrors: true,
  useDefaults: true,
  strict: true,
  strictRequired: false,
  unicodeRegExp: true,
})
// The package is CommonJS: its default export is the module object under nodenext.
ajvFormats.default(ajv)

/** A caller sees this many wrong fields at once. */
export const fieldFailuresMax = 20

const validators = new WeakMap<Operation, ValidateFunction>()

/** Checks an operation's input and fills its defaults in, in place. Throws `request.invalid` naming every wrong field. */
export function validate(operation: Operation, input: unknown): void {
  let validator = validators.get(operation)
  if (!validator) validators.set(operation, (validator = ajv.compile(jsonSchema(operation.input, 'input'))))
  if (validator(input)) return
  const errors = (validator.errors ?? []).slice(0, fieldFailuresMax).map((error) => fieldFailure(operation, error))
  throw new Failure(invalid, { errors })
}

function fieldFailure(operation: Operation, error: ErrorObject): FieldFailure {
  const [code, detail] = explained(error)
  const missing = error.keyword === 'required' ? error.params['missingProperty'] : error.params['additionalProperty']
  const path = missing === undefined ? error.instancePath : `${error.instancePath}/${escapePointer(String(missing))}`
  const field = path.split('/')[1] ?? ''
  const place = placeOf(operation, field)
  return { pointer: place === 'body' ? `#${path}` : `#/${place}${path}`, code, detail }
}

/** RFC 6901 §3. */
function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** A stable code and a sentence for each keyword that our wire types use. */
function explained({ keyword, params, message }: ErrorObject): [code: string, detail: string] {
  switch (keyword) {
    case 'required':
      return ['required', 'This is needed.']
    case 'additionalProperties':
      return ['unknown', 'There is no such field.']
    case 'type':
      return ['type', `This must be of type ${params['type']}.`]
    case 'minLength':
      return params['limit'] === 1
        ? ['required', 'This must not be empty.']
        : ['too_short', `At least ${params['limit']} characters.`]
    case 'maxLength':
      return ['too_long', `At most ${params['limit']} characters.`]
    case 'minimum':
    case 'exclusiveMinimum':
      return ['too_small', `At least ${params['limit']}.`]
    case 'maximum':
    case 'exclusiveMaximum':
      return ['too_large', `At most ${params['limit']}.`]
    case 'minItems':
      return ['too_few', `At least ${params['limit']} entries.`]
    case 'maxItems':
      return ['too_many', `At most ${params['limit']} entries.`]
    case 'enum':
      return ['choice', `One of: ${params['allowedValues']?.join(', ')}.`]
    case 'format':
      return ['format', `This is not a valid ${params['format']}.`]
    case 'pattern':
      return ['characters', 'This is empty, or has characters that are not allowed here.']
    default:
      return [keyword, `${message ?? 'This is not valid'}.`]
  }
}
