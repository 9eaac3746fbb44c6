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

test('what has branches, or refers to itself, may be null and have fields that may be', () => {
  const Change = z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('moved'), by: z.enum(['member', 'staff']).nullable() }),
    z.strictObject({ kind: z.literal('named'), name: z.string().nullable(), size: z.literal(3).nullable() }),
  ])
  const Team = z.strictObject({
    name: z.string(),
    get parent() {
      return Team.nullable()
    },
  })
  const write = serializerOf(
    z.strictObject({ change: Change.nullable(), team: Team.nullable(), value: z.json().nullable(), any: z.unknown() }),
  )
  const rows = [
    { change: null, team: null, value: null, any: null },
    { change: { kind: 'moved', by: null }, team: { name: 'a', parent: null }, value: 'a', any: 1 },
    { change: { kind: 'moved', by: 'staff' }, team: null, value: [{ a: null }], any: {} },
    { change: { kind: 'named', name: null, size: null }, team: null, value: 2, any: [null] },
    {
      change: { kind: 'named', name: 'b', size: 3 },
      team: { name: 'a', parent: { name: 'b', parent: null } },
      value: true,
      any: '',
    },
  ]
  for (const row of rows) assert.deepEqual(JSON.parse(write(row)), row)
})

test('a field that the wire type does not have is left out', () => {
  const write = serializerOf(z.strictObject({ id: z.string(), owner: z.strictObject({ id: z.string() }).nullable() }))
  const row = { id: 'a', secret: 'x', owner: { id: 'b', secret: 'y' } }
  assert.equal(write(row), '{"id":"a","owner":{"id":"b"}}')
})
