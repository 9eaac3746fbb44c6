import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failedClause } from './condition.ts'

test('a number or a truth value of a record is what the role editor has as text', () => {
  const circumstances = { actor: { kind: 'person', id: 'a' }, address: undefined, now: '2026-11-21T08:00:00.000Z' }
  const holds = (attribute: string, among: (string | number | boolean)[]) =>
    !failedClause([{ record: attribute, in: among }], circumstances, { priority: 3, urgent: true })
  assert.deepEqual([holds('priority', ['3']), holds('priority', [3]), holds('priority', ['4'])], [true, true, false])
  assert.deepEqual([holds('urgent', ['true']), holds('urgent', [false])], [true, false])
})
