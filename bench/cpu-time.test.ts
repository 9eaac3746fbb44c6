import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { cpuSecondsOf, cpuSecondsOfFamily } from './cpu-time.ts'

/** Two clock ticks of the kernel at the beginning and at the end. */
const toleranceSeconds = 0.04

// Benchmarks read /proc, and refuse to run where there is none.
if (process.platform === 'linux') {
  test('the CPU time of a process is what the process itself says, and its family has at least that of a child', async () => {
    const script =
      'const end = Date.now() + 400; while (Date.now() < end); process.send(process.cpuUsage()); setInterval(() => {}, 1e6)'
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage]
    const said = (user + system) / 1_000_000
    const read = cpuSecondsOf(child.pid ?? 0)
    const family = cpuSecondsOfFamily(process.pid)
    child.kill()
    assert.ok(said > 0.1)
    assert.ok(Math.abs(read - said) < toleranceSeconds, `${read} against ${said}`)
    assert.ok(family >= read + cpuSecondsOf(process.pid) - toleranceSeconds)
  })
}
