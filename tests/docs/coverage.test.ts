import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { page, repositoryFolder, rowsIn } from './markdown.ts'

/** docs/coverage.md says something of every requirement, and names tests that exist. */

const ofIssue2 = 'T1 T4 T6 T8 T9 I1 I2 I5 I6 P1 P4 A1 A2 A3 A6 A9 J3 O1 O7 O8 S1 S2 U1 U3 U4 U5 D1'.split(' ')
const ofIssue3 = 'T1 T2 T3 T4 T5 T6 T7 T10 T11 T12 T13 N1 N2 N3 U2 U5'.split(' ')
const ofIssue4 = 'I3 I7 P1 P2 P3 P4 P5 P6 P7 A4 A5 S2 S3 S7'.split(' ')
const rowsPerPart = { T: 15, I: 7, P: 7, A: 12, B: 12, J: 6, N: 6, O: 9, S: 7, X: 6, U: 6, D: 1 }
const all = Object.entries(rowsPerPart).flatMap(([part, count]) =>
  Array.from({ length: count }, (_, at) => `${part}${at + 1}`),
)

const byPart = all.filter((row) => [...ofIssue2, ...ofIssue3, ...ofIssue4].includes(row))

const coverage = page('docs/coverage.md')
const rows = rowsIn(coverage)
const parts = rows.filter((row) => row.length === 4)
const others = rows.filter((row) => row.length === 3)

test('every row of the issues so far is there by part, every other requirement once', () => {
  assert.deepEqual([...new Set(parts.map(([row]) => row))], byPart)
  const rest = others.flatMap(([named = '']) => named.split(' '))
  assert.deepEqual(
    [...byPart, ...rest].toSorted((one, other) => all.indexOf(one) - all.indexOf(other)),
    all,
  )
})

test('what is done names its tests, and what is not names the issue that brings it, or says what is missing', () => {
  for (const [row, part, state, shown = ''] of parts) {
    const named = [...shown.matchAll(/`([\w/-]+\.test\.ts)`/g)].map(([, file]) => file)
    const label = `${row}, ${part}`
    if (state === 'done') assert.ok(named.length > 0, label)
    else if (state === 'missing') assert.match(shown, /issue \d|no issue yet/, label)
    else assert.deepEqual([state, shown.length > 20], ['partly', true], label)
  }
  for (const [row, , by] of others) assert.match(by ?? '', /^(issues? \d( and \d)?|no issue yet)$/, row)
})

test('every test that it names is there', () => {
  const named = [...coverage.matchAll(/`([\w/-]+\.test\.ts)`/g)].map(([, file = '']) => file)
  assert.ok(named.length > 60)
  assert.deepEqual(
    named.filter((file) => !existsSync(join(repositoryFolder, file))),
    [],
  )
})
