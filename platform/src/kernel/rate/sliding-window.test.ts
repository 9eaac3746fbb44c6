import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SlidingWindow, slicesPerWindow, windowMs } from './sliding-window.ts'

const sliceMs = windowMs / slicesPerWindow

/** A sequence of numbers from 0 to 1 that is the same every time (Lehmer's generator). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

test('it counts what was added in the last 60 seconds, and what is up to a slice older', () => {
  const next = numbers(7)
  const window = new SlidingWindow()
  const added: number[] = []
  for (let nowMs = 1_000_000; added.length < 5_000; nowMs += next() ** 8 * windowMs) {
    window.add(nowMs)
    added.push(nowMs)
    const used = window.used(nowMs)
    assert.ok(used >= added.filter((atMs) => atMs > nowMs - windowMs).length)
    assert.ok(used <= added.filter((atMs) => atMs >= nowMs - windowMs - sliceMs).length)
  }
})

test('it says when something leaves: until then all of it counts, and then less', () => {
  const window = new SlidingWindow()
  assert.equal(window.freesInMs(500), 0)
  window.add(1_234)
  window.add(1_240)
  window.add(9_999)
  const freeAtMs = 9_999 + window.freesInMs(9_999)
  assert.ok(freeAtMs >= 1_234 + windowMs && freeAtMs <= 1_240 + windowMs + sliceMs)
  assert.equal(window.used(freeAtMs - 1), 3)
  assert.equal(window.used(freeAtMs), 1)
})

test('after a long rest it is empty', () => {
  const window = new SlidingWindow()
  for (let nth = 0; nth < 100; nth++) window.add(nth * 700)
  assert.equal(window.used(10 * windowMs), 0)
  assert.equal(window.freesInMs(10 * windowMs), 0)
})
