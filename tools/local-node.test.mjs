import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { findLocalNode, isRecentEnough, nodeExecutable } from '../platform/bin/local-node.js'

const folder = mkdtempSync(join(tmpdir(), 'local node '))
after(() => rmSync(folder, { recursive: true }))

function plantNode(version) {
  const executable = nodeExecutable(join(folder, '.runtime', `node-v${version}`))
  mkdirSync(dirname(executable), { recursive: true })
  writeFileSync(executable, '')
  return executable
}

test('versions are compared as numbers', () => {
  for (const version of ['24.7.0', '24.10.0', '24.7.1', '25.0.0', '100.0.0'])
    assert.ok(isRecentEnough(version), version)
  for (const version of ['24.6.9', '20.20.2', '9.99.99']) assert.ok(!isRecentEnough(version), version)
})

test("the project's own copy of Node is found from a folder below it, one that is too old is not", () => {
  const below = join(folder, 'platform', 'src')
  mkdirSync(below, { recursive: true })
  plantNode('24.6.0')
  assert.equal(findLocalNode(below), undefined)
  const recent = plantNode('24.21.0')
  assert.equal(findLocalNode(below), recent)
})

test('the command starts itself again with the option that running from TypeScript needs', () => {
  const command = fileURLToPath(new URL('../platform/bin/tenantry.js', import.meta.url))
  const { version } = JSON.parse(readFileSync(new URL('../platform/package.json', import.meta.url), 'utf8'))
  const environment = { ...process.env, NODE_OPTIONS: '' }
  const said = execFileSync(process.execPath, [command, '--version'], {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
  })
  assert.equal(said.trim(), version)
})
