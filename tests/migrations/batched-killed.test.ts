import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Order } from './batched-process.ts'
import { BatchedScene } from './batched-scene.ts'

const slugs = ['acme', 'globex', 'pooled', 'shared', 'bridged']
const projects = 1_400

let scene: BatchedScene
before(async () => {
  scene = await BatchedScene.make()
  for (const slug of slugs) await scene.addProjects(slug, projects)
})
after(() => scene.stop())

test('a process killed with -9 in the middle of a tenant is followed by the next: who is done is left alone, nobody is left out', async () => {
  await scene.writeFill('upper(name) || (select left(pg_sleep(0.2)::text, 0))')
  await scene.migrate()
  const { settings } = scene.atlas.databases
  const order: Order = { settings, scratchFolder: scene.scratch.folder }
  const program = join(import.meta.dirname, 'batched-process.ts')
  const child = spawn(process.execPath, ['--conditions=source', program, JSON.stringify(order)], { stdio: 'inherit' })
  const ended = once(child, 'exit')
  const progress = async () => (await scene.unfinished())[0]
  const inTheMiddle = async () => {
    const { tenantsDone = 0, rowsChanged = 0 } = (await progress()) ?? {}
    return tenantsDone >= 2 && rowsChanged > tenantsDone * projects
  }
  while (!(await inTheMiddle())) {
    assert.equal(child.exitCode, null, 'it ended before it could be killed')
    await wait(20)
  }
  child.kill('SIGKILL')
  await ended

  const killed = await progress()
  assert.ok(killed && killed.tenantsDone < slugs.length)
  const rowsOf = (slug: string) =>
    scene.sql(
      slug,
      (schema, id) => `select id, xmin::text from ${schema}.projects where tenant_id = '${id}' order by id`,
    )
  const doneBefore = []
  for (const slug of slugs)
    if ((await scene.marks(slug)).unmarked === 0) doneBefore.push({ slug, rows: await rowsOf(slug) })
  assert.equal(doneBefore.length, killed.tenantsDone)

  const [resumed] = await scene.finish()
  assert.equal(resumed?.tenantsDone, slugs.length)
  assert.notEqual(resumed?.finishedAt, null)
  for (const slug of slugs) assert.deepEqual(await scene.marks(slug), { marked: projects, unmarked: 0 }, slug)
  for (const { slug, rows } of doneBefore) assert.deepEqual(await rowsOf(slug), rows, slug)
})
