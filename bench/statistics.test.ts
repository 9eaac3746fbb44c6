import assert from 'node:assert/strict'
import { test } from 'node:test'
import { median, percentile } from './statistics.ts'

test('the median is the middle value, or the mean of the two in the middle, and leaves its input as it was', () => {
  const values = [3, 10, 2]
  assert.equal(median(values), 3)
  assert.deepEqual(values, [3, 10, 2])
  assert.equal(median([1, 100, 2, 4]), 3)
  assert.equal(median([7]), 7)
  assert.throws(() => median([]), RangeError)
})

test('a percentile is the least value that so many per cent do not exceed', () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index)
  assert.deepEqual(
    [1, 50, 99, 100].map((percent) => percentile(values, percent)),
    [2, 100, 198, 200],
  )
  assert.equal(percentile([7], 99), 7)
  assert.throws(() => percentile([], 50), RangeError)
})
