import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { launchBrowser, visit } from '../browser/browser.ts'
import { blocksIn, page, repositoryFolder } from './markdown.ts'
import { Newcomer } from './newcomer.ts'

/** README and tutorial, done by somebody who pastes what they say into a clone. */

const readme = blocksIn(page('README.md'))
const tutorial = blocksIn(page('docs/tutorial.md'))

let newcomer: Newcomer
before(async () => {
  newcomer = await Newcomer.arrive()
})
after(() => newcomer.clone.remove())

test('the operation of the README is added by its changes to two files', async () => {
  const changes = readme.filter(({ language }) => language === 'diff')
  assert.equal(new Set(changes.map(({ file }) => file)).size, 2)
  await newcomer.follow(changes)
})

test('the tutorial works as it is printed, and answers what it shows', async () => {
  assert.ok(tutorial.length > 15)
  await newcomer.follow(tutorial)
})

test('a start prints what the README shows', () => {
  const shown = readme.find(({ text }) => text.startsWith('✓ PostgreSQL'))?.text ?? ''
  // The second start has nothing to create any more.
  const printed = newcomer.clone.running.output
  const always = (text: string) => masked(text).filter((line) => !/^✓ (Demo data|Web|Migrations)/.test(line))
  assert.deepEqual(always(printed), always(shown))
})

test('the code of both compiles', () => {
  const declarations = ['platform/src/pg.d.ts', 'platform/src/web/vite.d.ts']
  const project = {
    extends: join(repositoryFolder, 'tsconfig.json'),
    include: ['product', ...declarations.map((file) => join(repositoryFolder, file))],
  }
  newcomer.clone.write('tsconfig.json', JSON.stringify(project))
  const compiler = join(repositoryFolder, 'node_modules/typescript7/bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [compiler, '--project', newcomer.clone.folder], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stdout)
})

test("the README's operation answers and is recorded", async () => {
  await newcomer.type(
    'npx tenantry keys create acme --as owner@acme.test --scope task:read task:create task:update project:read audit:read',
  )
  await newcomer.type('KEY=tk_…')
  const headers = { authorization: `Bearer ${newcomer.key}`, 'content-type': 'application/json' }
  const ask = async (path: string, body?: object) => {
    const sent = body ? { method: 'POST', body: JSON.stringify(body) } : {}
    const response = await fetch(`${newcomer.clone.running.url}/api/v1${path}`, { headers, ...sent })
    return (await response.json()) as { id: string; state: string; items: { id: string; event: string }[] }
  }
  const { items: projects } = await ask('/projects?limit=1')
  const task = await ask('/tasks', { projectId: projects[0]?.id, title: 'Read the README' })
  assert.equal((await ask(`/tasks/${task.id}/finish`, {})).state, 'done')
  const { items } = await ask(`/audit-events?resourceId=${task.id}`)
  assert.deepEqual(
    items.map(({ event }) => event),
    ['task.updated', 'task.created'],
  )
})

test('the page of the tutorial shows the notes and writes one', async (t) => {
  const browser = await launchBrowser()
  t.after(() => browser.close())
  const { page: tab, wrong } = await visit(browser, newcomer.clone.running.url, { as: 'member@acme.test' })
  await tab.goto('/o/acme/projects')
  await tab.getByRole('link', { name: 'Notes', exact: true }).click()
  await tab.getByRole('rowheader', { name: 'Water the plants' }).waitFor()
  await tab.getByLabel('Note', { exact: true }).fill('Feed the cat')
  await tab.getByRole('button', { name: 'Write note' }).click()
  await tab.getByRole('rowheader', { name: 'Feed the cat' }).waitFor()
  assert.deepEqual(wrong, [])
})

/** Lines without what differs from start to start: numbers, and where the data folder is. */
function masked(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.replace(/\S*\.tenantry\//, '.tenantry/').replace(/\d+/g, '0'))
}
