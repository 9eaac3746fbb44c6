import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { newId } from '../id.ts'
import { createLog, type Log } from './log.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-log-'))
})
after(() => rm(folder, { recursive: true, force: true }))

/** What reaches the file, line by line, once so many are there. */
async function written(lines: number, write: (log: Log) => void): Promise<Record<string, unknown>[]> {
  const file = join(folder, newId())
  write(createLog({ level: 'info', release: '1.2.3', file }))
  for (let tries = 0; tries < 200; tries++) {
    const found = (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(0, -1)
    if (found.length === lines) return found.map((line) => JSON.parse(line) as Record<string, unknown>)
    await wait(10)
  }
  throw new Error(`${lines} lines did not come`)
}

test('a line is JSON with timestamp, level, release, message and the fields as they are', async () => {
  const [line] = await written(1, (log) =>
    log.info({ status: 200, path: '/', absent: undefined, list: [1, { a: 2 }], at: new Date(0) }, 'request'),
  )
  const { timestamp, ...rest } = line ?? {}
  assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert.deepEqual(rest, {
    level: 'info',
    release: '1.2.3',
    message: 'request',
    status: 200,
    path: '/',
    list: [1, { a: 2 }],
    at: '1970-01-01T00:00:00.000Z',
  })
})

test('thousands of lines come whole and in their order, whatever characters they are of', async () => {
  const lines = await written(5_000, (log) => {
    for (let nth = 0; nth < 5_000; nth++) log.info({ nth, word: 'añadió 🌍 '.repeat(nth % 7) }, 'one of many')
  })
  assert.deepEqual(
    lines.map(({ nth, word }) => [nth, word]),
    Array.from({ length: 5_000 }, (_, nth) => [nth, 'añadió 🌍 '.repeat(nth % 7)]),
  )
})

test('secrets are not written: not as a field, not one level down, not of a child, not of an error', async () => {
  const text = JSON.stringify(
    await written(3, (log) => {
      log.info({ password: 'hidden', headers: { authorization: 'hidden', accept: 'shown' } }, 'one')
      log.child({ email: 'hidden', job: { token: 'hidden', name: 'shown' } }).warn({ cookie: 'hidden' }, 'two')
      log.error({ error: Object.assign(new Error('shown'), { key: 'hidden', code: 'shown' }) }, 'three')
    }),
  )
  assert.equal(text.match(/\[redacted\]/g)?.length, 6)
  assert.equal(text.match(/"shown"/g)?.length, 4)
  assert.doesNotMatch(text, /hidden/)
})

test('an error is written with type, message, stack and its causes', async () => {
  const cause = new RangeError('the reason')
  const [line] = await written(1, (log) => log.error({ error: new Error('failed', { cause }) }, 'a request failed'))
  const error = line?.['error'] as Record<string, string>
  assert.equal(error['type'], 'Error')
  assert.equal(error['message'], 'failed: the reason')
  assert.match(error['stack'] ?? '', /caused by: RangeError: the reason/)
})
