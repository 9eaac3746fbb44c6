import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { holdAlone } from './exclusive.mjs'

const folder = mkdtempSync(join(tmpdir(), 'exclusive '))
after(() => rmSync(folder, { recursive: true }))

const deadPid = () => spawnSync(process.execPath, ['--eval', '']).pid

test('a holder that died, or held before the machine was started, is followed at once', async () => {
  const file = join(folder, 'dead')
  writeFileSync(`${file}.1`, `${deadPid()}`)
  const giveBack = await holdAlone(file, 'tests')
  assert.equal(readFileSync(`${file}.2`, 'utf8'), `${process.pid}`)
  giveBack()

  writeFileSync(`${file}.3`, `${process.ppid}`)
  utimesSync(`${file}.3`, 0, 0)
  const giveBackAgain = await holdAlone(file, 'tests')
  giveBackAgain()
  assert.deepEqual(readdirSync(folder), ['dead.4'])
})

test('of processes that want it at once, one after the other has it', async () => {
  const file = join(folder, 'wanted')
  const journal = join(folder, 'journal')
  writeFileSync(`${file}.1`, `${deadPid()}`)
  const work = `
    const { appendFileSync } = await import('node:fs')
    const { holdAlone } = await import(${JSON.stringify(new URL('exclusive.mjs', import.meta.url).href)})
    const giveBack = await holdAlone(${JSON.stringify(file)}, 'tests')
    appendFileSync(${JSON.stringify(journal)}, 'in ')
    await new Promise((resolve) => setTimeout(resolve, 50))
    appendFileSync(${JSON.stringify(journal)}, 'out ')
    giveBack()`
  const workers = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--input-type=module', '--eval', work], { stdio: 'ignore' }),
  )
  const codes = await Promise.all(workers.map(async (worker) => (await once(worker, 'exit'))[0]))
  assert.deepEqual(codes, [0, 0, 0, 0, 0, 0])
  assert.equal(readFileSync(journal, 'utf8'), 'in out '.repeat(6))
})
