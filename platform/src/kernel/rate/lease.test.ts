import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lease } from './lease.ts'

/** What is held ahead of need, against a store that grants all that is wanted. */

/** How often the store is asked, and the most that was held, when a lease is used at this rate. */
function used(
  lease: Lease,
  perSecond: number,
  seconds: number,
  beganAtMs = 1_000,
): { asked: number; heldMost: number } {
  let asked = 0
  let held = 0
  let heldMost = 0
  for (let nth = 0; nth < perSecond * seconds; nth++) {
    const nowMs = beganAtMs + (nth * 1_000) / perSecond
    if (!lease.isHeld(nowMs) || lease.isLow(nowMs)) {
      const question = lease.wanted(nowMs)
      lease.receive(question, { granted: question.wanted, used: 0, freesInMs: 0 }, nowMs)
      asked += 1
      held += question.wanted
      heldMost = Math.max(heldMost, held)
    }
    lease.use(nowMs)
    held -= 1
  }
  return { asked, heldMost }
}

test('however busy it is, the store is asked some four times a second', () => {
  for (const perSecond of [1_000, 10_000, 50_000]) {
    const { asked } = used(new Lease('a', 'tenant-read', 100_000_000), perSecond, 10)
    assert.ok(asked <= 60, `${asked} times in 10 s of ${perSecond} a second`)
  }
})

test('no more is held than a four-hundredth of the limit', () => {
  const { heldMost } = used(new Lease('a', 'tenant-read', 40_000), 10_000, 10)
  assert.ok(heldMost <= 100, `${heldMost} of 40,000`)
})

test('little is held of a large limit that is little used, and again once it is', () => {
  const lease = new Lease('a', 'tenant-read', 100_000_000)
  assert.ok(used(lease, 2, 100).heldMost <= 20)
  assert.ok(used(lease, 10_000, 5, 200_000).heldMost > 1_000)
  used(lease, 100, 60, 300_000)
  assert.ok(lease.wanted(400_000).wanted <= 20)
})
