import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { InstalledProduct, type Program } from './installed-product.ts'

const operations = 'modules/projects/operations.ts'
const page = 'modules/projects/pages/projects.tsx'
const goneWithinMs = 5_000

let atlas: InstalledProduct
let port: string
let url: string
let program: Program

before(async () => {
  atlas = new InstalledProduct()
  port = await freePort()
  url = `http://127.0.0.1:${port}`
  program = await startDev()
})
after(async () => {
  await program.end('SIGTERM')
  atlas.remove()
})

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: free } = server.address() as AddressInfo
  server.close()
  return String(free)
}

async function startDev(): Promise<Program> {
  const started = atlas.tenantry(['dev'], { PORT: port, TENANTRY_DEMO: 'false' })
  await started.said(/Ctrl-C stops it/)
  return started
}

/** Replaces text in a file and waits until `tenantry dev` has said what it made of it. */
async function edit(file: string, from: string, to: string, said: RegExp): Promise<void> {
  const path = join(atlas.folder, file)
  const text = readFileSync(path, 'utf8')
  assert.ok(text.includes(from), `${file} has no ${from}`)
  const before = program.output.length
  writeFileSync(path, text.replace(from, to))
  await program.said(said, before)
}

async function summaryOfCreating(): Promise<string | undefined> {
  const document = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as {
    paths: Record<string, { post?: { summary: string } }>
  }
  return document.paths['/api/v1/projects']?.post?.summary
}

async function entryOfPage(): Promise<string> {
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(await (await fetch(url)).text())?.[1]
  assert.equal((await fetch(url + script)).status, 200)
  return script ?? ''
}

/** Process ids of the server and of its PostgreSQL. */
function processes(): number[] {
  const data = join(atlas.folder, '.tenantry')
  const { pid } = JSON.parse(readFileSync(join(data, 'running.json'), 'utf8')) as { pid: number }
  return [pid, Number.parseInt(readFileSync(join(data, 'postgres/cluster/postmaster.pid'), 'utf8'), 10)]
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

async function haveGone(pids: readonly number[]): Promise<void> {
  for (const until = Date.now() + goneWithinMs; pids.some(isAlive) && Date.now() < until; await wait(50));
  assert.deepEqual(pids.filter(isAlive), [])
}

test('a change of an operation is served by a new server at the same address', async () => {
  assert.equal(await summaryOfCreating(), 'Create a project')
  const old = processes()
  await edit(operations, "'Create a project'", "'Found a project'", /✓ Server/)
  assert.equal(await summaryOfCreating(), 'Found a project')
  await haveGone(old)
})

test('a change of a page is served by the same server', async () => {
  const [server] = processes()
  const entry = await entryOfPage()
  await edit(page, "title={t('projects.projects')}", "title={`${t('projects.projects')}!`}", /✓ Web/)
  assert.notEqual(await entryOfPage(), entry)
  assert.equal(processes()[0], server)
})

test('a mistake is shown, and served again is what mends it', async () => {
  const entry = await entryOfPage()
  await edit(page, 'export default function', 'export default funktion', /Build failed/)
  assert.equal(await entryOfPage(), entry, 'the last good workspace is still served')
  await edit(page, 'export default funktion', 'export default function', /the workspace is current/)
  await edit(operations, "'Found a project'", "'Begin a project', name: null", /After the next change it starts again/)
  await edit(operations, "'Begin a project', name: null", "'Begin a project'", /✓ Server/)
  assert.equal(await summaryOfCreating(), 'Begin a project')
})

test('Ctrl-C ends everything in order, kill -9 of the watcher alone at once; then it starts as ever', async () => {
  const first = processes()
  assert.equal(await program.end('SIGINT'), 0, program.output)
  await haveGone(first)

  program = await startDev()
  const second = processes()
  await program.end('SIGKILL')
  await haveGone(second)

  program = await startDev()
  assert.equal(await summaryOfCreating(), 'Begin a project')
})
