import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { sql } from '../../platform/src/kernel/database/statement.ts'
import { module } from '../../platform/src/kernel/module.ts'
import { type Operation, operation } from '../../platform/src/kernel/operation.ts'
import { id, z } from '../../platform/src/kernel/schema.ts'
import { failuresOf, openApiDocument } from '../../platform/src/kernel/surfaces/openapi.ts'
import { jsonSchema } from '../../platform/src/kernel/validation.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { callerOf, goodCall } from './prerequisites.ts'
import { fieldsOf, requestFor, smallestInput } from './samples.ts'

/** What every operation promises: replies of its schema, a record of every write, declared failures only. */

/** An operation with the defect that the record rule is there for. */
const forgetful = module({
  name: 'forgetful',
  permissions: { 'forgetful:write': ['owner'] },
  operations: [
    operation({
      name: 'forgetful.write',
      summary: 'Changes a project and tells nobody',
      http: 'POST /forgetful',
      input: { projectId: id() },
      output: z.object({ changed: z.number() }),
      permission: 'forgetful:write',
      run: async (ctx, { projectId }) => ({
        changed: await ctx.db.change(
          sql`update projects set name = 'Changed in secret' where tenant_id = ${ctx.tenant.id} and id = ${projectId}`,
        ),
      }),
    }),
  ],
})

let atlas: TestInstallation
let operations: readonly Operation[]
before(async () => {
  atlas = await TestInstallation.start({ modules: [forgetful] })
  operations = atlas.installation.operations.filter(({ name }) => name !== 'forgetful.write')
})
after(() => atlas.stop())

const ajv = new Ajv2020({ strict: false })
ajvFormats.default(ajv)

describe('every operation', () => {
  test('succeeds on good input with a reply of its schema, and a write leaves its record', async () => {
    for (const each of operations) {
      const { input, ...asking } = await goodCall(atlas, each)
      const { method, path, body } = requestFor(each, { ...smallestInput(each), ...input })
      const reply = await atlas.request(method, path, { ...asking, ...(body === undefined ? {} : { body }) })
      assert.equal(reply.status, each.status, `${each.name}: ${JSON.stringify(reply.body)}`)
      if (each.output) {
        const valid = ajv.compile(jsonSchema(each.output, 'output'))
        assert.ok(valid(reply.body), `${each.name}: ${JSON.stringify(valid.errors)}`)
      }
      if (each.emits.length > 0) await assertRecorded(each, reply.headers.get('x-request-id') ?? '')
    }
  })

  test('that founds a tenant says in the contract that there may be no such place', async () => {
    const founding = operations.filter(({ tenantFrom }) => typeof tenantFrom === 'object')
    assert.ok(founding.length > 0)
    for (const each of founding) {
      const { input, ...asking } = await goodCall(atlas, each)
      const nowhere = { ...smallestInput(each), ...input, region: 'nowhere' }
      const { method, path, body } = requestFor(each, nowhere)
      const reply = await atlas.request(method, path, { ...asking, ...(body ? { body } : {}) })
      const { code } = reply.body as { code?: string }
      assert.equal(code, 'place.unknown', each.name)
      assert.ok(
        failuresOf(each).some((kind) => kind.code === code),
        each.name,
      )
    }
  })

  test('of a tenant says in the contract how its limits are told, and tells them so', async () => {
    type Headers = Record<string, { schema: { pattern: string } }>
    const contract = openApiDocument(operations, { title: 'Atlas', version: '1' }) as {
      components: { headers: Headers }
    }
    const reply = await atlas.request('GET', '/api/v1/projects', { as: 'owner@acme.test', tenant: 'acme' })
    const declared = Object.entries(contract.components.headers)
    assert.equal(declared.length, 2)
    for (const [name, { schema }] of declared)
      assert.match(reply.headers.get(name) ?? '', new RegExp(schema.pattern), name)
  })

  test('that writes is declared to emit something, or is known to write nothing', () => {
    const silent = operations
      .filter(({ method, emits }) => method !== 'GET' && emits.length === 0)
      .map(({ name }) => name)
    assert.deepEqual(silent, [
      'passkeys.challenge',
      'passkeys.begin',
      'invitations.previewMany',
      'invitations.preview',
      'staffFlags.preview',
    ])
  })

  test('refuses unknown fields, and fields of a wrong type, naming each', async () => {
    for (const each of operations) {
      const base = smallestInput(each)
      const asking = callerOf(each)
      const { method, path, body } = requestFor(each, { ...base, surprise: 'x' })
      const unknown = await atlas.request(method, path, { ...asking, ...(body === undefined ? {} : { body }) })
      assert.deepEqual(
        codes(unknown.body),
        ['request.invalid', 'unknown'],
        `${each.name}: ${JSON.stringify(unknown.body)}`,
      )
      for (const field of fieldsOf(each).filter(({ place }) => place === 'body')) {
        const wrong = requestFor(each, { ...base, [field.name]: { not: 'this' } })
        const reply = await atlas.request(wrong.method, wrong.path, { ...asking, body: wrong.body })
        const { code, errors = [] } = reply.body as { code: string; errors?: { pointer: string }[] }
        assert.equal(code, 'request.invalid', `${each.name}.${field.name}`)
        assert.ok(
          errors.some(({ pointer }) => pointer.startsWith(`#/${field.name}`)),
          `${each.name}.${field.name}: ${JSON.stringify(errors)}`,
        )
      }
    }
  })

  test('is in the contract, and every failure it may answer has a page', async () => {
    const { paths } = openApiDocument(operations, { title: 'Atlas', version: '1' }) as {
      paths: Record<string, Record<string, { operationId: string }>>
    }
    const described = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId))
    assert.deepEqual(described.toSorted(), operations.map(({ name }) => name).toSorted())
    for (const code of new Set(operations.flatMap((each) => failuresOf(each).map(({ code: each }) => each)))) {
      const page = await atlas.request('GET', `/docs/errors/${code}`)
      assert.equal(page.status, 200, code)
    }
  })
})

test('a write that records nothing is rolled back and answered with 500, and somebody is alerted', async () => {
  const asking = { as: 'owner@acme.test', tenant: 'acme' }
  const project = await atlas.ask<{ id: string }>('POST', '/api/v1/projects', {
    ...asking,
    body: { name: 'Untouched' },
  })
  const reply = await atlas.request('POST', '/api/v1/forgetful', { ...asking, body: { projectId: project.id } })
  assert.deepEqual([reply.status, (reply.body as { code: string }).code], [500, 'platform.unexpected'])
  const { name } = await atlas.ask<{ name: string }>('GET', `/api/v1/projects/${project.id}`, asking)
  assert.equal(name, 'Untouched')
  assert.ok(
    atlas.log.lines.some(
      ({ fields }) => fields['alert'] === true && String(fields['error']).includes('without recording'),
    ),
  )
})

/** Audit row, its values and the outbox row, by the request that made them, in whichever database the operation works. */
async function assertRecorded(each: Operation, requestId: string): Promise<void> {
  const [url, schema] =
    each.target === 'tenant' ? [atlas.databases.cellUrl, 'pool'] : [atlas.databases.controlUrl, 'control']
  const rows = await rowsOf(
    url,
    `select e.event, v.event_id is not null as has_values, o.id is not null as has_message from ${schema}.audit_events e
    left join ${schema}.audit_values v on (v.tenant_id, v.event_id) = (e.tenant_id, e.id)
    left join ${schema}.outbox o on (o.tenant_id, o.id) = (e.tenant_id, e.id) where e.request_id = $1 and e.operation = $2`,
    [requestId, each.name],
  )
  assert.ok(rows.length > 0, `${each.name} left no audit row`)
  for (const row of rows) {
    assert.ok(
      each.emits.some(({ name }) => name === row['event']),
      `${each.name} recorded ${String(row['event'])}, which it does not declare`,
    )
    // What a purge records it deletes with all else soon after; the event alone stays.
    if (each.name === 'staffTenants.purge') continue
    assert.deepEqual([row['has_values'], row['has_message']], [true, true], each.name)
  }
}

function codes(body: unknown): string[] {
  const { code, errors = [] } = body as { code: string; errors?: { code: string }[] }
  return [code, ...errors.map((each) => each.code).filter((each) => each === 'unknown')]
}
