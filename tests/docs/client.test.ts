import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { TestInstallation } from '../installation.ts'
import { Clone } from './clone.ts'
import { blocksIn, page, repositoryFolder } from './markdown.ts'

/** docs/client.md is one program: it compiles, runs, and prints what the page shows. */

const blocks = blocksIn(page('docs/client.md'))
const textOf = (language: string) => blocks.filter((block) => block.language === language).map(({ text }) => text)

let atlas: TestInstallation
let clone: Clone
before(async () => {
  atlas = await TestInstallation.start()
  clone = await Clone.make()
  clone.write('package.json', JSON.stringify({ type: 'module' }))
  clone.write('example.ts', textOf('ts').join('\n'))
})
after(async () => {
  await clone.remove()
  await atlas.stop()
})

test('its program prints what it shows', async () => {
  const { key } = await atlas.ask<{ key: string }>('POST', '/api/v1/keys', {
    as: 'owner@acme.test',
    tenant: 'acme',
    body: { name: 'A program', scopes: ['project:read', 'project:create', 'project:update'] },
  })
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=source', 'example.ts'], {
    cwd: clone.folder,
    env: { ATLAS_URL: atlas.url, ATLAS_KEY: key },
  })
  assert.ok(textOf('ts').length >= 6)
  assert.equal(stdout, textOf('text').join(''))
})

test('its program compiles', () => {
  const project = { extends: join(repositoryFolder, 'tsconfig.json'), include: ['example.ts'] }
  clone.write('tsconfig.json', JSON.stringify(project))
  const compiler = join(repositoryFolder, 'node_modules/typescript7/bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [compiler, '--project', clone.folder], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
})
