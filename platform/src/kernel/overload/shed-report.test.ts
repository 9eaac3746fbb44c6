import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { newId } from '../id.ts'
import { createLog } from '../observe/log.ts'
import { ShedReport } from './shed-report.ts'

const everyMs = 100
const alertAfter = 3

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-shed-'))
})
after(() => rm(folder, { recursive: true, force: true }))

/** A report, and what it has written so far. */
function makeReport() {
  const file = join(folder, newId())
  const log = createLog({ level: 'info', release: '1', file })
  const written = async () => {
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  }
  return { report: new ShedReport(log, () => ({ limit: 42 }), { everyMs, alertAfter }), written }
}

test('a thousand refusals at once are one line with how many of what, and nothing is written once it is over', async () => {
  const { report, written } = makeReport()
  for (let count = 0; count < 1_000; count++) report.refuse(count % 4 === 0 ? 'export' : 'read')
  for (let count = 0; count < 10; count++) report.admit()
  await wait(5 * everyMs)
  const lines = await written()
  assert.equal(lines.length, 1)
  const { level, refused, admitted, limit } = lines[0] ?? {}
  assert.deepEqual([level, refused, admitted, limit], ['warn', { export: 250, read: 750 }, 10, 42])
})

test('somebody is alerted when more than 1 % is refused for a while, and not before', async () => {
  const { report, written } = makeReport()
  let lines = await written()
  while (lines.length < 5) {
    report.refuse('read')
    for (let count = 0; count < 50; count++) report.admit()
    await wait(everyMs / 10)
    lines = await written()
  }
  const levels = lines.map(({ level, alert }) => [level, alert === true])
  assert.deepEqual(levels, [
    ['warn', false],
    ['warn', false],
    ['error', true],
    ['error', true],
    ['error', true],
  ])
})

test('nobody is alerted for one refusal in a thousand, however long it lasts', async () => {
  const { report, written } = makeReport()
  let lines = await written()
  while (lines.length < 6) {
    report.refuse('read')
    for (let count = 0; count < 999; count++) report.admit()
    await wait(everyMs / 10)
    lines = await written()
  }
  assert.deepEqual([...new Set(lines.map(({ level }) => level))], ['warn'])
})
