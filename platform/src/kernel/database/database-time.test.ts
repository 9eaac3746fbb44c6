import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DatabaseTime } from './database-time.ts'

test('time is added up by tenant and operation, the most expensive first', () => {
  const time = new DatabaseTime()
  time.add('a', 'projects.create', 2)
  time.add('b', 'projects.create', 3)
  time.add('a', 'projects.create', 0.5)
  time.add('a', 'projects.list', 7)
  assert.deepEqual(time.all(), [
    { tenantId: 'a', operation: 'projects.list', calls: 1, databaseMs: 7 },
    { tenantId: 'b', operation: 'projects.create', calls: 1, databaseMs: 3 },
    { tenantId: 'a', operation: 'projects.create', calls: 2, databaseMs: 2.5 },
  ])
})

test('it keeps 10,000 pairs and drops those that were seen longest ago', () => {
  const time = new DatabaseTime()
  for (let count = 0; count < 10_500; count++) {
    time.add('busy', 'projects.create', 1)
    time.add(`tenant ${count}`, 'projects.create', 1)
  }
  const all = time.all()
  assert.equal(all.length, 10_000)
  assert.deepEqual(all[0], { tenantId: 'busy', operation: 'projects.create', calls: 10_500, databaseMs: 10_500 })
  assert.ok(!all.some(({ tenantId }) => tenantId === 'tenant 0'))
  assert.ok(all.some(({ tenantId }) => tenantId === 'tenant 10499'))
})
