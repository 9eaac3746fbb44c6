import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WaitingLine } from './waiting-line.ts'

const limits = { atOnceMax: 1, waitingMax: 100, retryAfterSeconds: 5 }

test('no more than so many run at a time, in the order in which they came', async () => {
  const line = new WaitingLine({ ...limits, atOnceMax: 3 })
  const begun: number[] = []
  let running = 0
  let highest = 0
  await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      line.run(async () => {
        begun.push(index)
        running += 1
        highest = Math.max(highest, running)
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
        running -= 1
      }),
    ),
  )
  assert.equal(highest, 3)
  assert.deepEqual(
    begun,
    begun.toSorted((left, right) => left - right),
  )
})

test('work that fails gives its place to the next', async () => {
  const line = new WaitingLine(limits)
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) =>
      line.run(async () => {
        if (index % 2 === 0) throw new Error('no')
        return index
      }),
    ),
  )
  assert.deepEqual(
    outcomes.map(({ status }) => status === 'fulfilled'),
    outcomes.map((_, index) => index % 2 === 1),
  )
  assert.equal(await line.run(async () => 'free again'), 'free again')
})
