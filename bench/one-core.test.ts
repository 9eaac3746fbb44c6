import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { coresOf, onOneCore } from './one-core.ts'

// Benchmarks read /proc, and refuse to run where there is none.
if (process.platform === 'linux') {
  test('works on one core together with another process, and gives both all of them back', async () => {
    const other = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1_000)'], { stdio: 'ignore' })
    const pid = other.pid ?? 0
    const before = coresOf(pid)
    const during = await onOneCore(pid, async () => [coresOf(process.pid), coresOf(pid)])
    assert.match(during[0] ?? '', /^\d+$/)
    assert.equal(during[1], during[0])
    await assert.rejects(
      onOneCore(pid, () => Promise.reject(new Error('the work failed'))),
      /the work failed/,
    )
    assert.deepEqual([coresOf(process.pid), coresOf(pid)], [before, before])
    other.kill()
    await once(other, 'exit')
  })
}
