import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { newId } from '../../platform/src/kernel/id.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'

/** Taking the audit log away: in parts, harmless to spreadsheets, and never unnoticed. */

interface Part {
  readonly content: string
  readonly entries: number
  readonly nextCursor: string | null
}

const owner = { as: 'owner@acme.test', tenant: 'acme' }

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start()
})
after(() => atlas.stop())

const part = (query: Record<string, string>) =>
  atlas.ask<Part>('GET', `/api/v1/audit-events/export?${new URLSearchParams(query)}`, owner)

async function everything(query: Record<string, string>): Promise<Part[]> {
  const parts = [await part(query)]
  for (let cursor = parts[0]?.nextCursor; cursor; cursor = parts.at(-1)?.nextCursor)
    parts.push(await part({ ...query, cursor }))
  return parts
}

async function created(name: string): Promise<string> {
  return (await atlas.ask<{ id: string }>('POST', '/api/v1/projects', { ...owner, body: { name } })).id
}

describe('an export', () => {
  test('holds every entry of both databases once, in order of time, part by part', async () => {
    const id = await created('The one that is copied')
    await rowsOf(
      atlas.databases.cellUrl,
      `set search_path = pool; insert into audit_events select (e).* from (select jsonb_populate_record(e, jsonb_build_object(
        'id', uuidv7(), 'at', e.at + n * interval '1 ms')) as e from audit_events e, generate_series(1, 1100) n
        where resource_id = '${id}') copies`,
    )
    const until = new Date(Date.now() + 5_000).toISOString()
    const parts = await everything({ format: 'jsonl', until })
    assert.ok(parts.length >= 3 && parts.every(({ entries }) => entries <= 500))
    const lines = parts.flatMap(({ content }) => content.trimEnd().split('\n'))
    const entries = lines.map((line) => JSON.parse(line) as { id: string; at: string; operation: string })
    assert.equal(new Set(entries.map((each) => each.id)).size, entries.length)
    assert.deepEqual(
      entries.map(({ at }) => at),
      entries.map(({ at }) => at).toSorted(),
    )
    const operations = new Set(entries.map((each) => each.operation))
    assert.ok(operations.has('projects.create') && operations.has('tenants.create'), [...operations].join())
  })

  test('has nothing in CSV that a spreadsheet would carry out', async () => {
    const names = ['=1+1', '+1', '-1', '@SUM(A1)', 'say "hello", twice']
    // What the test before has copied reaches into the next second.
    await wait(1_100)
    const from = new Date().toISOString()
    for (const name of names) await created(name)
    const { content } = await part({ format: 'csv', operation: 'projects.create', from })
    const [heading, ...lines] = content.split('\r\n')
    assert.match(heading ?? '', /^id,at,event,operation,via,actorKind/)
    assert.equal(lines.length, names.length + 1)
    assert.ok(content.includes('""name"":""say \\""hello\\"", twice""'), content.slice(-900))
    for (const line of lines.filter((each) => each !== '')) assert.doesNotMatch(line, /(^|,)[=+@\t-]/)
  })

  test('begins a cell with an apostrophe that would be a formula: who is called =HYPERLINK stays text', async () => {
    const rename =
      'update control.audit_values set actor_name = \'=HYPERLINK("https://evil.example")\' where actor_name is not null'
    await rowsOf(atlas.databases.controlUrl, rename)
    const { content } = await part({ format: 'csv' })
    assert.ok(content.includes(`,"'=HYPERLINK(""https://evil.example"")",`))
  })

  test('is narrowed like the page, and each part of it is on record with who took what', async () => {
    const id = await created('Exported')
    const { entries } = await part({ format: 'jsonl', resourceId: id })
    assert.equal(entries, 1)
    const { items } = await atlas.ask<{ items: { after: Record<string, unknown>; actor: { name: string } }[] }>(
      'GET',
      '/api/v1/audit-events?event=audit.exported&limit=1',
      owner,
    )
    assert.equal(items[0]?.actor.name, 'Lucía Marín')
    const { format, resourceId, entries: taken } = items[0].after
    assert.deepEqual({ format, resourceId, taken }, { format: 'jsonl', resourceId: id, taken: 1 })
  })

  test('is refused to who may not read the log, and with a cursor that no export answered', async () => {
    const { status } = await atlas.request('GET', '/api/v1/audit-events/export', { ...owner, as: 'viewer@acme.test' })
    assert.equal(status, 403)
    await rowsOf(
      atlas.databases.controlUrl,
      `set search_path = control; insert into audit_events select (e).* from (select jsonb_populate_record(e, jsonb_build_object(
        'id', uuidv7(), 'at', now())) as e from audit_events e, generate_series(1, 600) n where event = 'tenant.created') copies`,
    )
    const { nextCursor } = await part({ format: 'jsonl' })
    const other = { as: 'owner@globex.test', tenant: 'globex' }
    const theirs = await atlas.ask<Part>('GET', '/api/v1/audit-events/export?format=jsonl', other)
    assert.ok(nextCursor && theirs.nextCursor)
    const last = nextCursor.at(-1) === 'A' ? 'B' : 'A'
    const refused = [
      `cursor=${nextCursor}`,
      `format=jsonl&cursor=${theirs.nextCursor}`,
      `format=jsonl&event=project.created&cursor=${nextCursor}`,
      `format=jsonl&cursor=${nextCursor.slice(0, -1)}${last}`,
      `format=jsonl&cursor=${nextCursor.slice(0, 20)}`,
      `format=jsonl&cursor=${Buffer.from(`2026-01-01T00:00:00.000Z ${newId()}`).toString('base64url')}`,
      'format=jsonl&cursor=AAAA',
    ]
    for (const query of refused) {
      const { status: answered, body } = await atlas.request('GET', `/api/v1/audit-events/export?${query}`, owner)
      assert.deepEqual([answered, (body as { code: string }).code], [400, 'request.invalid'], query)
    }
  })
})

test('the log is narrowed to what an operation did, and to changes of one field', async () => {
  const id = await created('Before')
  await atlas.ask('PATCH', `/api/v1/projects/${id}`, { ...owner, body: { name: 'After' } })
  await atlas.ask('PATCH', `/api/v1/projects/${id}`, { ...owner, body: { description: 'More' } })
  const found = async (query: Record<string, string>) => {
    const { items } = await atlas.ask<{ items: { after: { name: string; description: string } }[] }>(
      'GET',
      `/api/v1/audit-events?${new URLSearchParams({ resourceId: id, ...query })}`,
      owner,
    )
    return items.map(({ after }) => `${after.name} ${after.description}`.trim())
  }
  assert.deepEqual(await found({ operation: 'projects.update' }), ['After More', 'After'])
  assert.deepEqual(await found({ changed: 'name' }), ['After'])
  assert.deepEqual(await found({ changed: 'description' }), ['After More'])
  assert.deepEqual(await found({ changed: 'state' }), [])
})
