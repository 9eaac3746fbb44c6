import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { newId } from '../../platform/src/kernel/id.ts'
import type { Operation } from '../../platform/src/kernel/operation.ts'
import type { JsonSchema } from '../../platform/src/kernel/validation.ts'
import { type Asking, type Reply, TestInstallation } from '../installation.ts'
import { callerOf, type GoodCall, goodCall } from '../operations/prerequisites.ts'
import { type Field, fieldsOf, requestFor, smallestInput } from '../operations/samples.ts'
import { hostileBodies, hostileTexts, hostileValues, longBlank, longText } from './corpus.ts'
import { comparable, Replies } from './replies.ts'

/** The corpus against every field of every operation, made from their declarations: a new operation is covered by itself. */

let atlas: TestInstallation
let operations: readonly Operation[]
const replies = new Replies()
/** Kept open: a thousand connections, one after the other, would take longer than what is asked. */
let control: pg.Client
before(async () => {
  atlas = await TestInstallation.start()
  operations = atlas.installation.operations
  control = new pg.Client(atlas.databases.controlUrl)
  await control.connect()
})
after(async () => {
  await control.end()
  await atlas.stop()
})

/** Far above what any reply takes, far below an expression or a statement that runs wild. */
const replyWithinMs = 5_000

describe('whatever stands in a field of an operation', () => {
  test('a text is refused by a problem document, or accepted and read back as it was sent', async () => {
    let [sent, accepted] = [0, 0]
    // What a schema refuses it refuses in every operation: one of them is asked. What it lets through two are asked, and of
    // the others each an eighth of the texts.
    const refused = new Set<string>()
    const letThrough = new Map<string, number>()
    await ofEachOperation(async (operation) => {
      for (const field of fieldsOf(operation).filter(holdsText)) {
        const calls = new Calls(operation)
        for (const [name, text] of textsFor(field)) {
          const asked = `${field.place} ${JSON.stringify(field.schema)} ${name}`
          const times = letThrough.get(asked) ?? 0
          if (refused.has(asked) || (times >= 2 && (operation.name.length + name.length) % 8 > 0)) continue
          letThrough.set(asked, times + 1)
          const reply = await calls.send(field, text, name)
          sent += 1
          if (codeOf(reply) === 'request.invalid') refused.add(asked)
          if (reply.status >= 400) continue
          accepted += 1
          await assertReadsBack(operation, field, inShape(field, text), reply, calls.asking)
        }
      }
    })
    assert.ok(sent > 1_000 && accepted > 150, `${sent} sent, ${accepted} accepted`)
  })

  test('a value that is no text is refused where a text belongs', async () => {
    const refused = new Set<string>()
    await ofEachOperation(async (operation) => {
      for (const field of fieldsOf(operation).filter((each) => holdsText(each) && each.place === 'body')) {
        const calls = new Calls(operation)
        for (const [name, value] of Object.entries(hostileValues)) {
          const asked = `${JSON.stringify(field.schema)} ${name}`
          if (refused.has(asked)) continue
          const reply = await calls.send(field, value, name)
          const { status } = reply
          if (codeOf(reply) === 'request.invalid') refused.add(asked)
          if (value === null && mayBeNull(field.schema)) assert.ok(status < 400, `${operation.name}.${field.name}`)
          else if (!fits(field.schema, value)) assert.equal(status, 400, `${operation.name}.${field.name}: ${name}`)
        }
      }
    })
  })

  test('a number or a truth value of an address is refused unless it is one, and within its limits', async () => {
    const refused = new Set<string>()
    for (const operation of operations) {
      for (const field of fieldsOf(operation).filter((each) => each.place === 'query' && !holdsText(each))) {
        const calls = new Calls(operation)
        for (const [name, text] of textsFor(field)) {
          const asked = `${JSON.stringify(field.schema)} ${name}`
          if (refused.has(asked)) continue
          const reply = await calls.send(field, text, name)
          const { status } = reply
          if (codeOf(reply) === 'request.invalid') refused.add(asked)
          const fitting = field.schema['type'] === 'boolean' && text === 'true'
          assert.equal(status < 400, fitting, `${operation.name}.${field.name}: ${name}`)
        }
      }
    }
  })
})

test('an id of a record of another tenant, or of another person, is answered as one that never was', async () => {
  const foreign = await idsOf({ as: 'owner@globex.test', tenant: 'globex' })
  for (const operation of operations) {
    for (const field of fieldsOf(operation).filter(({ schema }) => alternatives(schema)[0]?.['format'] === 'uuid')) {
      const calls = new Calls(operation)
      const missing = await calls.send(field, newId(), 'an id that never was')
      if (missing.status < 400) {
        const { items = [], entries = 0 } = missing.body as { items?: unknown[]; entries?: number }
        assert.deepEqual([items, entries], [[], 0], operation.name)
      }
      for (const [kind, id] of Object.entries(foreign)) {
        // Staff look after every account.
        if (kind === 'account' && operation.permission === 'staff') continue
        const reply = await calls.send(field, id, kind)
        assert.deepEqual(comparable(reply), comparable(missing), `${operation.name}.${field.name}: ${kind}`)
      }
    }
  }
})

test('a body that is wrong as a whole is refused before anything is done', async () => {
  for (const operation of operations.filter(({ method }) => method !== 'GET' && method !== 'DELETE')) {
    const { method, path } = requestFor(operation, smallestInput(operation))
    for (const [name, [body, status]] of Object.entries(hostileBodies)) {
      const reply = await atlas.request(method, path, { ...callerOf(operation), body })
      replies.check(reply, `${operation.name}: ${name}`)
      assert.equal(reply.status, status, `${operation.name}: ${name}: ${JSON.stringify(reply.body)}`)
    }
  }
  assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false)
})

test('every code that was answered has a page, nothing was a defect, and the demo still works', async () => {
  await replies.assertPages(atlas)
  for (const code of ['request.invalid', 'request.malformed', 'request.too_large', 'request.address_too_long']) {
    assert.ok(replies.codes.has(code), code)
  }
  const errors = atlas.log.lines.filter(({ level }) => level === 'error')
  assert.deepEqual(
    errors.map(({ message, fields }) => `${message}: ${String(fields['operation'])}: ${String(fields['error'])}`),
    [],
  )
  const { items } = await atlas.ask<{ items: unknown[] }>('GET', '/api/v1/projects', {
    as: 'member@acme.test',
    tenant: 'acme',
  })
  assert.ok(items.length > 0)
})

/** Four at a time, as most of the time goes into waiting for PostgreSQL; those on one kind of record one after the other. */
async function ofEachOperation(work: (operation: Operation) => Promise<void>): Promise<void> {
  const kindOf = ({ name }: Operation) => /^[a-z]+(?:[A-Z][a-z]+)*?(Flags)\./.exec(name)?.[1] ?? name.split('.')[0]
  const waiting = [...Map.groupBy(operations, kindOf).values()]
  const workOff = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) for (const each of next) await work(each)
  }
  await Promise.all([workOff(), workOff(), workOff(), workOff()])
}

/** Rows that a sign-in holds at the moment are left alone, or the two could wait for each other. */
const forgetAttempts =
  'delete from identity.throttles where key in (select key from identity.throttles for update skip locked)'

/** Calls of one operation, each good but for one field. What a call used up, such as a token, is made anew. */
class Calls {
  /** Who made the last call, and where. */
  asking: Asking = {}
  readonly #operation: Operation
  readonly #smallest: Record<string, unknown>
  #good: GoodCall | undefined

  constructor(operation: Operation) {
    this.#operation = operation
    this.#smallest = smallestInput(operation)
  }

  async send(field: Field, value: unknown, name: string): Promise<Reply> {
    const operation = this.#operation
    if (!this.#good) {
      // Throttling has tests of its own; here it would hide what is behind it.
      await control.query(forgetAttempts)
      this.#good = await goodCall(atlas, operation)
    }
    const { input, ...asking } = this.#good
    this.asking = asking
    const { method, path, body } = requestFor(operation, {
      ...this.#smallest,
      ...input,
      [field.name]: inShape(field, value),
    })
    const beganAtMs = performance.now()
    const reply = await atlas.request(method, path, { ...asking, ...(body === undefined ? {} : { body }) })
    const what = `${operation.name}.${field.name}: ${name}`
    assert.ok(performance.now() - beganAtMs < replyWithinMs, `${what} took too long`)
    const { as } = asking
    if (as !== undefined && /=[^;]+;/.test(reply.headers.get('set-cookie') ?? '')) atlas.keepCookie(as, reply.headers)
    replies.check(reply, what)
    // The field is wrong and nothing else: whoever is turned away at the door proves nothing about the field.
    const { code = '' } = (reply.body || {}) as { code?: string }
    assert.doesNotMatch(code, /unauthenticated|forbidden|tenant\.not_found|cross_origin|suspended/, what)
    if (reply.status === 429 || (reply.status < 400 && operation.method !== 'GET')) this.#good = undefined
    return reply
  }
}

function codeOf({ body }: Reply): string {
  return (body as { code?: string } | null)?.code ?? ''
}

function holdsText({ schema }: Field): boolean {
  return alternatives(schema).some(
    ({ type, items }) => type === 'string' || (items as JsonSchema)?.['type'] === 'string',
  )
}

function alternatives(schema: JsonSchema): JsonSchema[] {
  return (schema['anyOf'] as JsonSchema[] | undefined) ?? [schema]
}

function mayBeNull(schema: JsonSchema): boolean {
  return alternatives(schema).some(({ type }) => type === 'null')
}

/** Of the values that are no text, a list of texts fits a list. */
function fits(schema: JsonSchema, value: unknown): boolean {
  return schema['type'] === 'array' && Array.isArray(value)
}

/** A text stands for itself or, where the field is a list, for a list of it. */
function inShape({ schema }: Field, value: unknown): unknown {
  return schema['type'] === 'array' && typeof value === 'string' ? [value] : value
}

/** An address cannot carry half of a character, nor a long text; raw-requests.test.ts sends what a client would not. */
function textsFor({ place }: Field): [name: string, text: string][] {
  const texts = Object.entries(hostileTexts)
  if (place === 'body') return [...texts, ['100,000 characters', longText], ['100,000 blanks', longBlank]]
  return [...texts.filter(([, text]) => text.isWellFormed()), ['9,000 characters', longText.slice(0, 9_000)]]
}

/** One record of each kind, by what an id of it could be mistaken for. */
async function idsOf(asking: Asking): Promise<Record<string, string>> {
  const made = async (path: string, body: object) =>
    (await atlas.ask<{ id: string }>('POST', `/api/v1${path}`, { ...asking, body })).id
  const first = async (path: string) =>
    (await atlas.ask<{ items: { id: string; userId?: string }[] }>('GET', `/api/v1${path}`, asking)).items[0]
  const project = await made('/projects', { name: 'Of another tenant' })
  const member = await first('/members')
  const ids = {
    project,
    task: await made('/tasks', { projectId: project, title: 'Of another tenant' }),
    key: await made('/keys', { name: 'Of another tenant', scopes: ['project:read'] }),
    invitation: await made('/invitations', { email: 'guest@example.test', role: 'viewer' }),
    member: member?.id,
    account: member?.userId,
    session: (await first('/sessions'))?.id,
    'audit event': (await first('/audit-events'))?.id,
  }
  for (const id of Object.values(ids)) assert.ok(id)
  return ids as Record<string, string>
}

/** Looks for the field in the reply, and in what reading the record, or the list that it is in, says afterwards. */
async function assertReadsBack(
  operation: Operation,
  field: Field,
  value: unknown,
  reply: Reply,
  asking: Asking,
): Promise<void> {
  if (field.place !== 'body' || !operation.output) return
  const what = `${operation.name}.${field.name}`
  const answered = reply.body as Record<string, unknown>
  if (field.name in answered) assert.deepEqual(answered[field.name], value, what)
  const record = await storedRecord(operation, answered, asking)
  if (record && field.name in record) assert.deepEqual(record[field.name], value, what)
}

async function storedRecord(
  { path }: Operation,
  answered: Record<string, unknown>,
  asking: Asking,
): Promise<Record<string, unknown> | undefined> {
  const reader = operations.find(
    (each) => each.method === 'GET' && !each.list && (each.path === path || each.path === `${path}/{id}`),
  )
  if (reader)
    return atlas.ask(
      'GET',
      `/api/v1${reader.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(answered[name]))}`,
      asking,
    )
  const lister = operations.find((each) => each.list && each.path === path)
  if (!lister) return undefined
  const { items } = await atlas.ask<{ items: Record<string, unknown>[] }>('GET', `/api/v1${path}?limit=100`, asking)
  return items.find((item) => item['id'] === answered['id'])
}
