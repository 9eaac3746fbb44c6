import assert from 'node:assert/strict'
import { test } from 'node:test'
import { median } from './statistics.ts'

test('the median is the middle value, or the mean of the two in the middle, and leaves its input as it was', () => {
  const values = [3, 10, 2]
  assert.equal(median(values), 3)
  assert.deepEqual(values, [3, 10, 2])
  assert.equal(median([1, 100, 2, 4]), 3)
  assert.equal(median([7]), 7)
  assert.throws(() => median([]), RangeError)
})
