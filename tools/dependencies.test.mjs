import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { ensureDependencies } from './dependencies.mjs'

const one = { version: '1.0.0', integrity: 'sha512-one' }
const link = { resolved: 'package', link: true }
const wanted = {
  '': { name: 'repository' },
  'node_modules/one': one,
  'node_modules/for-another-platform': { version: '1.0.0', integrity: 'sha512-other', optional: true },
  package: { version: '1.0.0' },
  'node_modules/package': link,
}
const noNode = '/nonexistent/node'
let folder

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dependencies '))
  mkdirSync(join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: wanted }))
})
afterEach(() => rmSync(folder, { recursive: true }))

function installedByNpm(packages) {
  writeFileSync(join(folder, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }))
}

test("what a user's own npm ci installed is taken as it is, now and without a comparison next time", async () => {
  installedByNpm({ 'node_modules/one': one, 'node_modules/package': link })
  assert.match(await ensureDependencies(noNode, folder), /are those of package-lock.json/)
  rmSync(join(folder, 'node_modules', '.package-lock.json'))
  assert.match(await ensureDependencies(noNode, folder), /are those of package-lock.json/)
})

test('a package that is missing, changed, or not wanted any more calls for npm', async () => {
  for (const installed of [
    { 'node_modules/package': link },
    { 'node_modules/one': { ...one, version: '1.0.1' }, 'node_modules/package': link },
    { 'node_modules/one': { ...one, integrity: 'sha512-forged' }, 'node_modules/package': link },
    { 'node_modules/one': one, 'node_modules/package': link, 'node_modules/left-over': one },
  ]) {
    installedByNpm(installed)
    await assert.rejects(ensureDependencies(noNode, folder), { code: 'ENOENT', path: noNode })
    assert.ok(!existsSync(join(folder, '.runtime', 'installing')))
  }
})

test('a changed lock file is noticed although the last one was installed', async () => {
  installedByNpm({ 'node_modules/one': one, 'node_modules/package': link })
  await ensureDependencies(noNode, folder)
  const newer = { ...wanted, 'node_modules/one': { version: '2.0.0', integrity: 'sha512-two' } }
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: newer }))
  await assert.rejects(ensureDependencies(noNode, folder), { code: 'ENOENT' })
})
