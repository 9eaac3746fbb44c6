import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../errors/failure.ts'
import { createLog } from '../observe/log.ts'
import { Admission, type Ticket } from './admission.ts'
import type { Priority } from './priority.ts'

const connections = 10
/** A tenant may hold two of ten connections. */
const countedMax = 4
const quiet = { connections, log: createLog({ level: 'silent', release: '1' }) }
const byRank: readonly Priority[] = ['sign-in', 'write', 'read', 'export']

/** Enters until it is refused. */
function fill(admission: Admission, priority: Priority): Ticket[] {
  const tickets: Ticket[] = []
  for (;;) {
    try {
      tickets.push(admission.enter(priority))
    } catch (error) {
      assert.equal(refusalIn(error), 'platform.overloaded')
      return tickets
    }
  }
}

function refusalIn(error: unknown): string {
  assert.ok(error instanceof Failure, String(error))
  assert.ok((error.retryAfterSeconds ?? 0) >= 1)
  return error.kind.code
}

test('whoever fills the process with lower work leaves room for higher work: exports, reads, writes, signing in', () => {
  const admission = new Admission(quiet)
  const { limit } = admission.counts
  const room = byRank.toReversed().map((priority) => fill(admission, priority).length)
  assert.deepEqual(room, [0.5 * limit, 0.3 * limit, 0.1 * limit, 20 * connections])
  for (const priority of byRank) assert.equal(fill(admission, priority).length, 0, priority)
})

test('a flood of sign-ins takes nothing from those who are signed in', () => {
  const admission = new Admission(quiet)
  assert.equal(fill(admission, 'sign-in').length, 20 * connections)
  assert.equal(fill(admission, 'write').length, 0.9 * admission.counts.limit)
})

test('those who are refused together are not told to come back together', () => {
  const admission = new Admission(quiet)
  fill(admission, 'read')
  const told = new Set<number>()
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      admission.enter('read')
    } catch (error) {
      told.add((error as Failure).retryAfterSeconds ?? 0)
    }
  }
  assert.deepEqual(told, new Set([1, 2, 3, 4]))
})

test('a tenant that sends as much as it can is stopped at its cap, and takes a fifth of the least room at most', () => {
  const admission = new Admission(quiet)
  const tickets = Array.from({ length: 20 * connections }, () => {
    const ticket = admission.enter('read')
    admission.enterTenant(ticket, 'noisy')
    return ticket
  })
  const oneMore = admission.enter('read')
  assert.throws(
    () => admission.enterTenant(oneMore, 'noisy'),
    (error) => refusalIn(error) === 'tenant.busy',
  )
  admission.leave(oneMore)
  assert.equal(admission.counts.inWork, countedMax)
  admission.enterTenant(admission.enter('read'), 'quiet')
  assert.equal(admission.counts.inWork, countedMax + 1)
  for (const ticket of tickets) admission.leave(ticket)
  assert.deepEqual([admission.counts.inWork, admission.counts.tenants], [1, 1])
})

/** A generator of pseudo-random numbers from 0 to 1 (mulberry32), so that a run that fails can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

test('whatever comes, fails, succeeds and leaves, once or twice, in whatever order: the counts match, and end at 0', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = randomFrom(seed)
    const admission = new Admission(quiet)
    const present = new Map<Ticket, { priority: Priority; tenant: string | undefined }>()
    const leave = (ticket: Ticket) => {
      if (random() < 0.5) admission.countDone(ticket)
      admission.leave(ticket)
      if (random() < 0.3) admission.leave(ticket)
      present.delete(ticket)
    }
    for (let step = 0; step < 400; step++) {
      if (random() < 0.6) enterOne(admission, present, random)
      else for (const ticket of [...present.keys()].slice(0, 1 + Math.floor(random() * 3))) leave(ticket)
      assert.equal(admission.counts.inWork, expectedInWork(present), `seed ${seed}, step ${step}`)
    }
    for (const ticket of present.keys()) leave(ticket)
    const { inWork, signIns, tenants } = admission.counts
    assert.deepEqual([inWork, signIns, tenants], [0, 0, 0], `seed ${seed}`)
  }
})

function enterOne(
  admission: Admission,
  present: Map<Ticket, { priority: Priority; tenant: string | undefined }>,
  random: () => number,
): void {
  const priority = byRank[Math.floor(random() * byRank.length)] ?? 'read'
  // A few tenants only, so that some come to their cap.
  const tenant = random() < 0.9 ? `tenant ${Math.floor(random() * random() * 4)}` : undefined
  let ticket: Ticket
  try {
    ticket = admission.enter(priority)
  } catch (error) {
    assert.equal(refusalIn(error), 'platform.overloaded')
    return
  }
  try {
    if (tenant !== undefined) admission.enterTenant(ticket, tenant)
    present.set(ticket, { priority, tenant })
  } catch (error) {
    assert.equal(refusalIn(error), 'tenant.busy')
    admission.leave(ticket)
  }
}

/** Each tenant counts for two operations on each of its two connections at most; what has no tenant counts as it is; signing in counts for itself. */
function expectedInWork(present: Map<Ticket, { priority: Priority; tenant: string | undefined }>): number {
  const working = [...present.values()].filter(({ priority }) => priority !== 'sign-in')
  return [...Map.groupBy(working, ({ tenant }) => tenant)].reduce(
    (sum, [tenant, tickets]) => sum + (tenant === undefined ? tickets.length : Math.min(tickets.length, countedMax)),
    0,
  )
}
