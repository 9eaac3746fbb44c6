import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from './benchmark.ts'
import { reportOf, tableOf } from './report.ts'

const outcome: Outcome = {
  comparisons: [
    {
      name: 'read_ratio',
      unit: 'requests per CPU-second',
      ours: [500, 900, 610],
      bare: [1_000, 1_000, 1_000],
      postgresUs: { ours: [100, 120, 110], bare: [40, 60, 50] },
      target: { atLeast: 0.6 },
    },
    { name: 'rls_ratio', unit: 'µs, p50', ours: [180, 180], bare: [100, 90], target: { atMost: 1.75 } },
  ],
  raw: { rounds: 3 },
}

test('the report has exactly a name, the median ratio of the rounds by name, and what was measured', () => {
  assert.deepEqual(reportOf('http', outcome), {
    name: 'http',
    ratios: { read_ratio: 0.61, rls_ratio: 1.9 },
    raw: { rounds: 3 },
  })
})

test('the table shows spread, target and whether it was met', () => {
  const [, read = '', rls = ''] = tableOf(outcome).split('\n')
  assert.match(read, /^read_ratio +610 +1,000 .* 0\.61 +0\.50–0\.90 +≥ 0\.60 +met +110 and 50 µs$/)
  assert.match(rls, /^rls_ratio .* 1\.90 +1\.80–2\.00 +≤ 1\.75 +MISSED$/)
})

test('sides that were measured in different numbers of rounds are not compared', () => {
  const [comparison] = outcome.comparisons
  assert.ok(comparison)
  assert.throws(
    () => reportOf('http', { comparisons: [{ ...comparison, bare: [1_000] }], raw: {} }),
    /3 rounds of ours/,
  )
})
