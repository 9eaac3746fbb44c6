import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RefusalPace } from './refusal-pace.ts'

test('up to a thousand a second, and two hundred at once, nobody waits for a refusal', () => {
  let nowMs = 0
  const pace = new RefusalPace(() => nowMs)
  for (let count = 0; count < 200; count++) assert.equal(pace.next(), 0)
  for (let count = 0; count < 5_000; count++) {
    nowMs += 1
    assert.equal(pace.next(), 0)
  }
})

test('callers that try again as soon as they are refused get a thousand refusals a second, however many they are', () => {
  let nowMs = 0
  const pace = new RefusalPace(() => nowMs)
  const callersDueMs = Array.from({ length: 400 }, () => 0)
  let refusals = 0
  for (; nowMs < 10_000; nowMs++) {
    for (const [caller, dueMs] of callersDueMs.entries()) {
      if (dueMs > nowMs) continue
      refusals += 1
      callersDueMs[caller] = nowMs + pace.next()
    }
  }
  assert.ok(refusals > 9_500 && refusals < 11_000, `${refusals}`)
})

test('nobody waits longer than half a second, and nobody does once it is over', () => {
  let nowMs = 0
  const pace = new RefusalPace(() => nowMs)
  for (let count = 0; count < 100_000; count++) assert.ok(pace.next() <= 500)
  nowMs += 700
  assert.equal(pace.next(), 0)
})
