import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import fc from 'fast-check'
import { staff } from '../../platform/src/demo-people.ts'
import { createLog } from '../../platform/src/kernel/observe/log.ts'
import { addressOf, type Operation } from '../../platform/src/kernel/operation.ts'
import { openApiDocument } from '../../platform/src/kernel/surfaces/openapi.ts'
import type { JsonSchema } from '../../platform/src/kernel/validation.ts'
import { hostileTexts, hostileValues, longText } from '../bad-input/corpus.ts'
import { Replies } from '../bad-input/replies.ts'
import { rowsOf } from '../database.ts'
import type { Asking, Reply, TestInstallation } from '../installation.ts'
import { type GoodCall, goodCall } from '../operations/prerequisites.ts'
import { type Field, fieldsOf, requestFor, smallestInput, valueFor } from '../operations/samples.ts'
import { until } from '../until.ts'

/** Requests made from the contract, good, nearly good and hostile, and replies held to it. */

/** A field as a good call has it. */
const asGood = Symbol('as a good call has it')
const absent = Symbol('absent')

/** One of the staff beside the one who prepares things: whoever asks at random may also end their own sessions. */
const otherStaff = 'admin@acme.test'

/** Who asks: `good` is whoever may. */
const callers: Readonly<Record<string, Asking>> = {
  viewer: { as: 'viewer@acme.test', tenant: 'acme' },
  'of another tenant': { as: 'owner@globex.test', tenant: 'globex' },
  'not a member': { as: 'owner@globex.test', tenant: 'acme' },
  'without a tenant': { as: 'member@acme.test' },
  staff: { as: otherStaff },
  nobody: {},
  'with a wrong key': { as: 'tk_wrong' },
}

interface Attempt {
  readonly caller: string
  readonly fields: Readonly<Record<string, unknown>>
  /** One that the contract does not know. */
  readonly more: readonly [name: string, value: unknown] | undefined
}

interface Contract {
  readonly paths: Record<string, Record<string, { responses: Record<string, ContractReply> }>>
  readonly components: { readonly responses: Record<string, ContractReply> }
}
type ContractReply = { readonly $ref?: string; readonly content?: Record<string, { readonly schema: JsonSchema }> }

const forgetAttempts =
  'delete from identity.throttles where key in (select key from identity.throttles for update skip locked)'

export class Fuzzer {
  /** Operations of which a request succeeded. */
  readonly succeeded = new Set<string>()
  sent = 0
  readonly #atlas: TestInstallation
  readonly #contract: Contract
  readonly #ajv = new Ajv2020({ strict: false, validateSchema: false })
  readonly #replies = new Replies()

  constructor(atlas: TestInstallation) {
    this.#atlas = atlas
    this.#contract = openApiDocument(atlas.installation.operations, {
      title: 'Atlas',
      version: '1',
    }) as unknown as Contract
    // The package is CommonJS: its default export is the module object under nodenext.
    ajvFormats.default(this.#ajv)
    this.#ajv.addFormat('json-pointer-uri-fragment', /^#(\/|$)/)
  }

  /** Sends so many requests to each operation. Whatever fails names the seed, which makes the same requests again. */
  async run(operations: readonly Operation[], seed: number, requestsEach: number): Promise<void> {
    const appointed = { email: otherStaff, reason: 'They ask at random' }
    await this.#atlas.request('POST', '/api/v1/staff', { as: staff.email, body: appointed })
    const waiting = [...operations]
    const workOff = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await this.#attack(next, seed, requestsEach)
    }
    await Promise.all([workOff(), workOff(), workOff()])
  }

  async #attack(operation: Operation, seed: number, requestsEach: number): Promise<void> {
    await rowsOf(this.#atlas.databases.controlUrl, forgetAttempts)
    const good = await goodCall(this.#atlas, operation)
    const property = fc.asyncProperty(attempts(operation), (attempt) => this.#send(operation, good, attempt))
    const plain: Attempt = { caller: 'good', fields: {}, more: undefined }
    try {
      await fc.assert(property, { seed, numRuns: requestsEach, examples: [[plain]] })
    } catch (error) {
      throw new Error(`${operation.name}, TENANTRY_TEST_SEED=${seed}`, { cause: error })
    }
  }

  async #send(operation: Operation, good: GoodCall, { caller, fields, more }: Attempt): Promise<void> {
    const { input, ...asGoodCaller } = good
    const base: Record<string, unknown> = { ...smallestInput(operation), ...input }
    const chosen = Object.entries(fields).filter(([, value]) => value !== asGood)
    const changed = Object.fromEntries([...Object.entries(base), ...chosen].filter(([, value]) => value !== absent))
    const { method, path, body } = requestFor(operation, changed)
    const asking = callers[caller] ?? asGoodCaller
    const sent = body && { body: { ...body, ...(more ? { [more[0]]: more[1] } : {}) } }
    const reply = await this.#atlas.request(method, path, { ...asking, ...sent })
    this.sent += 1
    if (reply.status === 401 && asking.as !== undefined) this.#atlas.forgetCookie(asking.as)
    if (reply.status < 400) this.succeeded.add(operation.name)
    this.#replies.check(reply, operation.name)
    this.#assertInContract(operation, reply)
  }

  #assertInContract(operation: Operation, { status, headers, body }: Reply): void {
    const { responses } = this.#contract.paths[addressOf(operation)]?.[operation.method.toLowerCase()] ?? {}
    const named = responses?.[status]
    assert.ok(named, `${operation.name} answered ${status}, which is not in the contract: ${JSON.stringify(body)}`)
    const { content } = this.#contract.components.responses[named.$ref?.split('/').at(-1) ?? ''] ?? named
    const [[mediaType, { schema }] = ['', { schema: {} }]] = Object.entries(content ?? {})
    assert.equal(headers.get('content-type')?.split(';')[0] ?? '', mediaType, operation.name)
    if (!content) return assert.equal(body, '', operation.name)
    const key = `${operation.name} ${status}`
    if (!this.#ajv.getSchema(key)) this.#ajv.addSchema({ ...schema, components: this.#contract.components }, key)
    const valid = this.#ajv.validate(key, body)
    assert.ok(valid, `${key}: ${this.#ajv.errorsText()}: ${JSON.stringify(body)}`)
  }

  /** Nothing was a defect, and every line of the log is one line of JSON, whatever came in. */
  async assertLog(): Promise<void> {
    const { lines } = this.#atlas.log
    const errors = lines.filter(({ level }) => level === 'error')
    assert.deepEqual(
      errors.map(({ message, fields }) => `${message}: ${String(fields['error'])}`),
      [],
    )
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-fuzz-'))
    const file = join(folder, 'log')
    const log = createLog({ level: 'info', release: 'test', file })
    for (const { fields, message } of lines) log.info(fields, message)
    let written: string[] = []
    await until('the log to be written', async () => {
      const text = await readFile(file, 'utf8').catch(() => '')
      written = text.split('\n').slice(0, -1)
      return written.length >= lines.length
    })
    await rm(folder, { recursive: true })
    assert.equal(written.length, lines.length)
    for (const each of written) assert.equal(typeof JSON.parse(each), 'object')
  }
}

function attempts(operation: Operation): fc.Arbitrary<Attempt> {
  const fields = fieldsOf(operation).map((field) => [field.name, valuesOf(field)] as const)
  const unknown = fc.constantFrom('surprise', '__proto__', 'constructor', 'tenantId', 'createdAt', 'deletedAt')
  return fc.record({
    caller: fc.oneof(
      { weight: 7, arbitrary: fc.constant('good') },
      { weight: 3, arbitrary: fc.constantFrom(...Object.keys(callers)) },
    ),
    fields: fc.record(Object.fromEntries(fields)),
    more: fc.option(fc.tuple(unknown, fc.jsonValue()), { nil: undefined, freq: 8 }),
  })
}

function valuesOf({ schema, place }: Field): fc.Arbitrary<unknown> {
  const hostile = fc.oneof(
    fc.constantFrom(...Object.values(hostileTexts)),
    fc.constantFrom<unknown>(...Object.values(hostileValues)),
    fc.constant(longText),
    fc.jsonValue(),
  )
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant<unknown>(asGood) },
    { weight: 4, arbitrary: fitting(schema).map((value) => inAddress(place, value)) },
    { weight: 2, arbitrary: hostile.map((value) => inAddress(place, value)) },
    { weight: 1, arbitrary: fc.constant<unknown>(place === 'path' ? asGood : absent) },
  )
}

/** An address carries text: no half characters, not more than it may have, and in a path nothing that a client resolves. */
function inAddress(place: Field['place'], value: unknown): unknown {
  if (place === 'body') return value
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed()
  if (place === 'query') return text.slice(0, 2_000)
  return /^\.{0,2}$/.test(text) ? asGood : text.slice(0, 150)
}

/** Values that a schema accepts. */
function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { anyOf, enum: choices, type, items, properties, required, minItems, maxItems } = schema as Shape
  if (anyOf) return fc.oneof(...anyOf.map(fitting))
  if (Array.isArray(type)) return fc.oneof(...type.map((each) => fitting({ ...schema, type: each })))
  if (choices) return fc.constantFrom(...choices)
  if (type === 'null') return fc.constant(null)
  if (type === 'boolean') return fc.boolean()
  if (type === 'integer') return fc.integer(limitsOf(schema))
  if (type === 'number') return fc.double({ ...limitsOf(schema), noNaN: true })
  if (type === 'array' && items)
    return fc.array(fitting(items), { minLength: minItems ?? 0, maxLength: Math.min(maxItems ?? 5, 5) })
  if (type === 'object' && properties) {
    const values = Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, fitting(each)]))
    return fc.record(values, { requiredKeys: required ?? [] })
  }
  return type === 'string' ? fittingText(schema) : fc.jsonValue()
}

interface Shape extends Partial<Record<'minItems' | 'maxItems', number>> {
  readonly anyOf?: JsonSchema[]
  readonly enum?: unknown[]
  readonly type?: string | string[]
  readonly items?: JsonSchema
  readonly properties?: Record<string, JsonSchema>
  readonly required?: string[]
}

function limitsOf({ minimum, maximum }: JsonSchema): { min?: number; max?: number } {
  const inRange = (limit: unknown) =>
    typeof limit === 'number' ? Math.min(Math.max(limit, -(2 ** 31)), 2 ** 31 - 1) : undefined
  const [min, max] = [inRange(minimum), inRange(maximum)]
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) }
}

/** Any text where it fits; a sample where it does not, because no text at random is an address or a slug. */
function fittingText(schema: JsonSchema): fc.Arbitrary<unknown> {
  const {
    pattern = '',
    minLength = 0,
    maxLength = 60,
    format,
  } = schema as Partial<Record<'pattern' | 'format', string> & Record<'minLength' | 'maxLength', number>>
  if (format === 'uuid') return fc.uuid()
  const expression = new RegExp(pattern, 'u')
  return fc
    .string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 60) })
    .map((text) =>
      format === undefined && expression.test(text) && text.length <= maxLength ? text : valueFor(schema),
    )
}
