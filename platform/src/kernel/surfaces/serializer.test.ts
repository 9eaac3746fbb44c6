import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from '../schema.ts'
import { serializerOf } from './serializer.ts'

const Record = z.strictObject({
  name: z.string().max(80),
  dueOn: z.iso.date().nullable(),
  team: z.strictObject({ id: z.uuid(), lead: z.string().nullable() }).nullable(),
  marks: z.array(z.string().nullable()),
  share: z.number().nullable(),
  state: z.union([z.literal('open'), z.literal(3), z.null()]),
})

test('what may be null is written as itself or as null, at every depth', () => {
  const write = serializerOf(z.strictObject({ items: z.array(Record), nextCursor: z.string().nullable() }))
  const full = {
    name: 'A "name" and ü',
    dueOn: '2026-11-22',
    team: { id: '01a1ff8e-15dc-7000-9aac-cafec4157290', lead: 'Ada\n' },
    marks: ['a', null],
    share: 0.5,
    state: 'open',
  }
  const empty = { name: '', dueOn: null, team: null, marks: [], share: null, state: null }
  const without = { ...full, team: { ...full.team, lead: null }, state: 3 }
  const page = { items: [full, empty, without], nextCursor: null }
  assert.deepEqual(JSON.parse(write(page)), page)
})

test('a field that the wire type does not have is left out', () => {
  const write = serializerOf(z.strictObject({ id: z.string(), owner: z.strictObject({ id: z.string() }).nullable() }))
  const row = { id: 'a', secret: 'x', owner: { id: 'b', secret: 'y' } }
  assert.equal(write(row), '{"id":"a","owner":{"id":"b"}}')
})
