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
  // With each error the schema that it broke, and what was there.
  verbose: true,
})
// The package is CommonJS: its default export is the module object under nodenext.
ajvFormats.default(ajv)

/** A caller sees this many wrong fields at once. */
export const fieldFailuresMax = 20
/** Of a body of a megabyte ajv may find a million, and choosing among them takes the square of their number. */
const errorsWeighedMax = 200

const validators = new WeakMap<Operation, ValidateFunction>()

/** Checks an operation's input and fills its defaults in, in place. Throws `request.invalid` naming every wrong field. */
export function validate(operation: Operation, input: unknown): void {
  let validator = validators.get(operation)
  if (!validator) validators.set(operation, (validator = ajv.compile(jsonSchema(operation.input, 'input'))))
  if (validator(input)) return
  const found = (validator.errors ?? []).slice(0, errorsWeighedMax)
  const failures = withoutBranchesNotMeant(found).map((error) => fieldFailure(operation, error))
  // A text that breaks length, pattern and format is one wrong field.
  const byField = new Map(failures.toReversed().map((each) => [each.pointer, each]))
  const errors = failures.filter((each) => byField.get(each.pointer) === each).slice(0, fieldFailuresMax)
  throw new Failure(invalid, { errors })
}

/**
 * Where nothing of a union fits, ajv reports every branch, although one was meant. Inner unions come before those that
 * they are part of.
 */
function withoutBranchesNotMeant(errors: readonly ErrorObject[]): ErrorObject[] {
  return errors.reduce<ErrorObject[]>((kept, error) => {
    if (error.keyword !== 'anyOf') return [...kept, error]
    const isWithin = (each: ErrorObject) =>
      each.schemaPath.startsWith(`${error.schemaPath}/`) && each.instancePath.startsWith(error.instancePath)
    return [...kept.filter((each) => !isWithin(each)), ...ofBranchMeant(error, kept.filter(isWithin))]
  }, [])
}

/**
 * Which branch was meant: never null, since something else was written; else the one that has the constant of the input,
 * such as its `kind`; else the one that breaks least.
 */
function ofBranchMeant(union: ErrorObject, errors: readonly ErrorObject[]): ErrorObject[] {
  const branches = (union.schema as Branch[])
    .map((schema, index) => ({
      schema,
      errors: errors.filter((each) => each.schemaPath.startsWith(`${union.schemaPath}/${index}/`)),
    }))
    .filter(({ schema }) => schema.type !== 'null')
  if (branches.every((each) => each.errors.some((error) => isAt(union, error) && error.keyword === 'type')))
    return [{ ...union, keyword: 'type', params: { type: branches.map(({ schema }) => schema.type).join(' or ') } }]
  const isOfAnother = ({ keyword }: ErrorObject) => keyword === 'const'
  const [first] = branches.flatMap((each) => each.errors.filter(isOfAnother))
  const meant = branches.filter((each) => !each.errors.some(isOfAnother))
  if (first && meant.length === 0) {
    const allowedValues = branches.flatMap((each) => each.errors.filter(isOfAnother)).map(({ schema }) => schema)
    return [{ ...first, keyword: 'enum', params: { allowedValues } }]
  }
  return meant.toSorted((one, other) => one.errors.length - other.errors.length)[0]?.errors ?? []
}

interface Branch {
  readonly type?: string
}

function isAt(one: ErrorObject, other: ErrorObject): boolean {
  return one.instancePath === other.instancePath
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
function explained({ keyword, params, message, parentSchema }: ErrorObject): [code: string, detail: string] {
  switch (keyword) {
    case 'required':
      return ['required', 'This is needed.']
    case 'additionalProperties':
      return ['unknown', 'There is no such field.']
    case 'type':
      return ['type', `This must be of type ${[params['type']].flat().join(' or ')}.`]
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
    case 'pattern':
      return (
        formats.get(String(parentSchema?.['format'])) ?? [
          'characters',
          'This is empty, or has characters that are not allowed here.',
        ]
      )
    default:
      return [keyword, `${message ?? 'This is not valid'}.`]
  }
}

/** What a text of a format has to be. Each wire type that has one has a pattern, too, which is narrower. */
const formats = new Map<string, [code: string, detail: string]>([
  ['uuid', ['format', 'This is no id: a UUID in lower case, such as 01a1ff8e-15dc-7000-9aac-cafec4157290.']],
  ['date-time', ['format', 'This is no instant in UTC with milliseconds, such as 2026-11-21T03:51:16.100Z.']],
  ['date', ['format', 'This is no day, such as 2026-11-21.']],
  ['email', ['format', 'This is no e-mail address.']],
])
