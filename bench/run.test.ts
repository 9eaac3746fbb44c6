import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

const bench = (...options: string[]) =>
  spawnSync(process.execPath, ['--conditions=source', join(import.meta.dirname, 'run.ts'), ...options], {
    encoding: 'utf8',
  })

test('without a name, or with one that is none, the benchmarks are listed', () => {
  for (const options of [[], ['nonsense'], ['http', 'more'], ['--json'], ['http', '--jsn']]) {
    const { status, stdout, stderr } = bench(...options)
    assert.equal(status, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /npm run bench -- <name> \[--json\]\n {2}http {2}\S/)
  }
})
