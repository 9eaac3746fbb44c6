import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AdaptiveLimit } from './adaptive-limit.ts'

/** The limit before a simulated database: it works on ten operations at once, the others wait in the order they came. */

const connections = 10

class Simulation {
  readonly limit: AdaptiveLimit
  /** How long the database works on one operation. */
  workMs = 5
  /** Of the operations that were done since `forget`: how long each was in work. */
  latenciesMs: number[] = []
  refused = 0
  #nowMs = 0
  #arrivals = 0
  /** When each operation in work came, and when the database will be done with it. */
  #inWork: { cameAtMs: number; doneAtMs: number }[] = []
  #freeAtMs = Array.from({ length: connections }, () => 0)

  constructor() {
    this.limit = new AdaptiveLimit(connections, () => this.#nowMs)
  }

  /** Lets that many operations a second come, at even intervals. */
  run(seconds: number, perSecond: number): void {
    for (let tick = 0; tick < seconds * 1_000; tick++) {
      this.#nowMs += 1
      this.#finish()
      for (this.#arrivals += perSecond / 1_000; this.#arrivals >= 1; this.#arrivals -= 1) this.#arrive()
    }
  }

  forget(): void {
    this.latenciesMs = []
    this.refused = 0
  }

  get p99Ms(): number {
    return this.latenciesMs.toSorted((one, other) => one - other)[Math.floor(this.latenciesMs.length * 0.99)] ?? 0
  }

  #arrive(): void {
    if (this.limit.inWork >= this.limit.limit) {
      this.refused += 1
      return
    }
    this.limit.add()
    const first = this.#freeAtMs.indexOf(Math.min(...this.#freeAtMs))
    const doneAtMs = Math.max(this.#nowMs, this.#freeAtMs[first] ?? 0) + this.workMs
    this.#freeAtMs[first] = doneAtMs
    this.#inWork.push({ cameAtMs: this.#nowMs, doneAtMs })
  }

  #finish(): void {
    for (const { cameAtMs } of this.#inWork.filter(({ doneAtMs }) => doneAtMs <= this.#nowMs)) {
      this.limit.remove()
      this.limit.countDone()
      this.latenciesMs.push(this.#nowMs - cameAtMs)
    }
    this.#inWork = this.#inWork.filter(({ doneAtMs }) => doneAtMs > this.#nowMs)
  }
}

test('a load below what the database can do is never refused, bursts of half a second included', () => {
  const simulation = new Simulation()
  for (let burst = 0; burst < 20; burst++) {
    simulation.run(2, 1_000)
    simulation.run(0.5, 2_100)
  }
  assert.equal(simulation.refused, 0)
})

test('at three times what the database can do it still does all it can, and what is admitted stays quick', () => {
  const simulation = new Simulation()
  simulation.run(10, 1_000)
  simulation.run(5, 6_000)
  simulation.forget()
  simulation.run(10, 6_000)
  // Ten at once, 5 ms each.
  assert.ok(simulation.latenciesMs.length >= 0.99 * 10 * 2_000, `${simulation.latenciesMs.length} done`)
  assert.ok(simulation.p99Ms < 300, `p99 ${simulation.p99Ms} ms`)
})

test('a database that becomes a hundred times slower lowers the limit to its least, and nothing waits behind more than one other', () => {
  const simulation = new Simulation()
  simulation.run(10, 1_000)
  simulation.workMs = 500
  simulation.run(1, 1_000)
  assert.ok(simulation.limit.inWork <= 20 * connections, `${simulation.limit.inWork} in work`)
  // What came in the first moment takes its time.
  simulation.run(10, 1_000)
  assert.equal(simulation.limit.limit, 2 * connections)
  simulation.forget()
  simulation.run(20, 1_000)
  // One that works and one that waits, for each connection.
  assert.ok(simulation.p99Ms <= 2 * 500 + 100, `p99 ${simulation.p99Ms} ms`)
  assert.ok(simulation.latenciesMs.length >= 0.95 * 20 * 20, 'no connection idles')
})

test('the limit recovers by itself once the database does, also when few ask', () => {
  const simulation = new Simulation()
  simulation.run(10, 1_000)
  simulation.workMs = 500
  simulation.run(5, 1_000)
  simulation.workMs = 5
  simulation.run(12, 50)
  assert.ok(simulation.limit.limit >= 20 * connections, `${simulation.limit.limit}`)
  simulation.forget()
  simulation.run(5, 1_000)
  assert.equal(simulation.refused, 0)
})

test('a few operations that take long by nature lower nothing', () => {
  const simulation = new Simulation()
  simulation.run(10, 100)
  simulation.workMs = 3_000
  simulation.run(20, 3)
  assert.equal(simulation.limit.limit, 20 * connections)
})

test('operations that always take 200 ms are not taken for slow ones', () => {
  const simulation = new Simulation()
  simulation.workMs = 200
  simulation.run(60, 49)
  assert.equal(simulation.refused, 0)
  assert.ok(simulation.limit.limit >= 20 * connections)
})

test('a limit that nobody comes near does not grow, one that is used does, and there is a most', () => {
  const simulation = new Simulation()
  simulation.run(20, 1_000)
  assert.equal(simulation.limit.limit, 20 * connections)
  let nowMs = 0
  const limit = new AdaptiveLimit(connections, () => nowMs)
  for (let window = 0; window < 100; window++) {
    while (limit.inWork < limit.limit) limit.add()
    nowMs += 50
    while (limit.inWork > 0) {
      limit.remove()
      limit.countDone()
    }
    nowMs += 150
  }
  assert.equal(limit.limit, 100 * connections)
})
