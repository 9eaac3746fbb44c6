import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { after, test } from 'node:test'
import { SourceChanges } from './source-changes.ts'

const root = mkdtempSync(join(tmpdir(), 'tenantry-sources-'))

function write(path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), '')
}

write('app.ts')
write('modules/projects/store.ts')
const changes = new SourceChanges([root], join(root, 'data'))
after(() => {
  changes.close()
  rmSync(root, { recursive: true })
})

async function next(): Promise<string[]> {
  const changed = await changes.next()
  return changed.map((path) => relative(root, path)).toSorted()
}

test('changes that come together are one', async () => {
  write('app.ts')
  write('modules/projects/store.ts')
  write('modules/projects/pages.tsx')
  assert.deepEqual(await next(), ['app.ts', 'modules/projects/pages.tsx', 'modules/projects/store.ts'])
})

test('a new folder is watched, with what was in it at once and what comes later', async () => {
  write('modules/invoices/migrations/0001_invoices.up.sql')
  assert.deepEqual(await next(), ['modules/invoices/migrations/0001_invoices.up.sql'])
  write('modules/invoices/migrations/0001_invoices.down.sql')
  assert.deepEqual(await next(), ['modules/invoices/migrations/0001_invoices.down.sql'])
})

test('a folder that was removed and made again, as by a change of branch, is still watched', async () => {
  rmSync(join(root, 'modules/invoices'), { recursive: true })
  write('modules/invoices/store.ts')
  assert.ok((await next()).includes('modules/invoices/store.ts'))
  write('modules/invoices/model.ts')
  assert.deepEqual(await next(), ['modules/invoices/model.ts'])
})

test('folders that come and go while it looks do it no harm', async () => {
  const comeAndGo = `
    const { mkdirSync, rmSync } = require('node:fs')
    for (let round = 0; round < 300; round += 1) {
      for (const folder of ['a/b/c', 'd/e', 'f']) mkdirSync('modules/' + folder, { recursive: true })
      for (const folder of ['a', 'd', 'f']) rmSync('modules/' + folder, { recursive: true })
    }`
  const [code] = await once(spawn(process.execPath, ['--eval', comeAndGo], { cwd: root, stdio: 'inherit' }), 'close')
  assert.equal(code, 0)
  write('modules/a/b/store.ts')
  assert.ok((await next()).includes('modules/a/b/store.ts'))
  write('modules/a/b/store.ts')
  assert.deepEqual(await next(), ['modules/a/b/store.ts'])
})

test('what is installed, built, hidden, generated or no source is not told', async () => {
  for (const folder of ['node_modules/left', 'modules/projects/dist', '.tenantry', 'data/web']) write(`${folder}/a.ts`)
  write('notes.txt')
  await new Promise((resolve) => setTimeout(resolve, 300))
  write('data/web/b.ts')
  write('node_modules/left/b.ts')
  write('app.ts')
  assert.deepEqual(await next(), ['app.ts'])
})
